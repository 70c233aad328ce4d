// Publishing a finished model folder: everything is written beside its destination first, then moved there.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>

#include "io/output_folder.h"

namespace lf {

struct PublishOptions {
  std::filesystem::path folder;  // destination: absent, empty, or holding an earlier export
  uint64_t expected_bytes = 0;   // refused before anything is written when fewer are free
};

/// `write` fills a temporary folder (e.g. with write_model_files and tokenizer files). A destination that is absent or
/// empty appears by one rename; otherwise files are moved in one by one, weights before their index, and weight files
/// of an earlier export that no longer belong are removed. kIo: the destination is as it was (or, when moving failed
/// half-way, holds whole files only).
void publish_folder(const PublishOptions& options, const std::function<void(OutputFolder&)>& write);

}  // namespace lf
