// `tokenized_path`: prepared data that is read instead of prepared, or written once and read by later runs and by
// Python.
#pragma once
#include <filesystem>

#include "config/run_config.h"
#include "data/prepare.h"

namespace lf {

/// Whether the folder is there and not empty (upstream's has_tokenized_data).
bool has_tokenized_data(const std::filesystem::path& folder);
/// Splits train, validation, validation_<name> of a DatasetDict, or one Dataset as train. kData when the folder holds
/// something else; errors of read_split.
PreparedData read_tokenized(const std::filesystem::path& folder, const RunConfig& config);
/// Writes the folder whole or not at all. kData when it holds something; kIo.
void write_tokenized(const std::filesystem::path& folder, const PreparedData& data, const RunConfig& config);

}  // namespace lf
