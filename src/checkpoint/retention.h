// The checkpoint folders of an output folder: finding, rotating, and clearing what killed runs left.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lf {

struct CheckpointEntry {
  int64_t step = 0;
  std::filesystem::path folder;
};

/// checkpoint-<step> folders, oldest first. Empty when output_dir does not exist.
std::vector<CheckpointEntry> list_checkpoints(const std::filesystem::path& output_dir);
/// Keeps `limit` checkpoints (newest first; the newest and `best_step` always). Each victim is renamed to .trash-*
/// before it is deleted, so no half-deleted checkpoint is ever visible. Failures are logged, not thrown.
void rotate_checkpoints(const std::filesystem::path& output_dir, std::optional<int64_t> limit,
                        std::optional<int64_t> best_step);
/// At the start of a run, under the output lock: removes .ckpt-*.tmp-*, .trash-* and temporary files. An unpublished
/// checkpoint that is complete is published instead when its place is free.
void clean_leftovers(const std::filesystem::path& output_dir);

}  // namespace lf
