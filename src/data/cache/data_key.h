// What prepared data depends on, as one text: options, files by their content, template, tokenizer, program.
#pragma once
#include <optional>
#include <string>

#include "config/run_config.h"
#include "data/cache/cache_folder.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

/// A key for CacheFolder; nothing when the data cannot be told apart safely: remote files, a tokenizer without files.
/// Hashes of large files are remembered in `hashes` by size, time, and inode. Errors about datasets as prepare_datasets
/// has them.
std::optional<std::string> data_key(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template,
                                    const std::filesystem::path& hashes);

}  // namespace lf
