// Checkpoints of a training run that survive kill -9, a full disk and power loss (design: docs/RESUME.md):
// .ckpt-N.tmp-<token>/ -> files, each synced -> MANIFEST.json with sizes and hashes -> rename to checkpoint-N -> older
// ones rotated.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "io/output_folder.h"
#include "tensor/tensor.h"

namespace lf {

/// All that a run needs to go on bit for bit. Tensors keep their dtype.
struct TrainingSnapshot {
  int64_t step = 0;
  double epoch = 0;
  std::vector<NamedTensor> optimizer;   // Optimizer::state(), by name
  std::vector<NamedTensor> generators;  // RngSet::save() and devices: see capture_generators()
  Json scheduler = Json::object();      // state beyond the step
  Json data = Json::object();           // epoch, batch position, fingerprint, sampler state
  Json loop = Json::object();           // logging sums and other counters
  std::string trainer_state;            // text of trainer_state.json, as upstream writes it
  std::string config_yaml;              // resolved configuration, stored as training_args.yaml
};

struct CheckpointOptions {
  std::optional<int64_t> save_total_limit;  // as transformers: newest and best always stay
  std::optional<int64_t> best_step;         // the checkpoint of the best metric so far
  bool only_model = false;                  // save_only_model: no optimizer, generators and scheduler
};

/// Generators of every device in use beside `run_generators` (RngSet::save()): "cuda:0", ...
std::vector<NamedTensor> capture_generators(std::vector<NamedTensor> run_generators);
/// Gives devices theirs back; returns the rest (for RngSet::restore()).
std::vector<NamedTensor> restore_device_generators(const std::vector<NamedTensor>& generators);

/// Writes output_dir/checkpoint-<step> and rotates older ones. `write_model` adds weights, configuration and tokenizer.
/// kIo when it cannot be written: nothing of it is left and older checkpoints are untouched, so that training may go
/// on.
std::filesystem::path save_checkpoint(const std::filesystem::path& output_dir, const TrainingSnapshot& snapshot,
                                      const CheckpointOptions& options,
                                      const std::function<void(OutputFolder&)>& write_model);

/// The state in a checkpoint folder (weights are read by the caller). Tensors are views of the files.
struct LoadedCheckpoint {
  std::filesystem::path folder;
  TrainingSnapshot snapshot;
  bool has_state = false;  // false: weights and trainer_state.json only (save_only_model, or written by Python)
};
/// kFormat, kIo naming the file.
LoadedCheckpoint load_checkpoint(const std::filesystem::path& folder);

}  // namespace lf
