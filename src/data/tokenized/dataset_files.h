// Datasets on disk in the layout of Python datasets' save_to_disk: dataset_dict.json, and for each split a folder with
// state.json, dataset_info.json and data-0000N-of-0000M.arrow (Arrow IPC streams). Written and read in pieces.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace lf {

struct SplitOptions {
  bool labels = true;  // stage pt: false, labels are the ids
  bool exact = false;  // columns of our own cache
};

/// Writes one split into `folder` (created; must not exist). kIo.
void write_split(const std::filesystem::path& folder, const Dataset& dataset, const SplitOptions& options);

struct ReadOptions {
  std::string stage = "sft";
  bool neat_packing = false;  // packed examples do not see each other
  bool exact = false;
  ExampleKind kind = ExampleKind::kSupervised;  // of exact columns
};
/// The stage's columns in any integer and list type. kData: a column of the stage is missing (names those present), a
/// value out of range, lists of different lengths, media; kFormat: files that are not what they should be; kIo.
Dataset read_split(const std::filesystem::path& folder, const ReadOptions& options);

}  // namespace lf
