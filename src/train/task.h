// What a stage tells the loop: how a batch becomes a loss, and what belongs into a model folder.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "data/batch.h"
#include "io/output_folder.h"
#include "objectives/loss_output.h"

namespace lf {

class TrainTask {
 public:
  virtual ~TrainTask() = default;

  /// Switches dropout and the like.
  virtual void set_training(bool training) = 0;
  /// Loss of one micro-batch as (sum, count), the sum with its graph while gradients are recorded.
  virtual LossOutput loss(const Batch& batch) = 0;
  /// What the sums of a step are divided by: the labels of all its micro-batches (upstream counts before the shift).
  virtual int64_t normaliser(const Batch& batch) const { return batch.label_count; }

  /// Trained weights by name, in the form in which they are checkpointed and restored.
  virtual std::vector<NamedTensor> trained_tensors() = 0;
  /// Everything that a user needs to load the result: weights, configuration, tokenizer. For checkpoints and the final
  /// folder.
  virtual void write_model(OutputFolder& folder) = 0;
  /// What the next step depends on beside weights, optimizer and generators; for checkpoints.
  virtual Json state() const { return Json::object(); }
  virtual void restore(const Json& state) {}
  /// Takes back the weights that write_model() left in a checkpoint.
  virtual void load_model(const std::filesystem::path& folder) = 0;
};

}  // namespace lf
