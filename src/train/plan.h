// How many batches, updates and epochs a run has: transformers' arithmetic (Trainer.set_initial_training_values).
#pragma once
#include <cstdint>
#include <optional>

namespace lf {

struct PlanInput {
  std::optional<int64_t> examples = 0;  // nothing: streaming, which needs max_steps
  int64_t batch_size = 8;
  int64_t accumulation = 1;
  int64_t max_steps = -1;  // > 0 wins over epochs
  double epochs = 3.0;
  bool drop_last = false;
};

struct TrainPlan {
  int64_t examples = 0;  // of an epoch; streaming: of the whole run
  int64_t batches_per_epoch = 0;
  int64_t updates_per_epoch = 0;  // the last update of an epoch may have fewer micro-batches
  int64_t epochs = 0;             // rounded up
  int64_t max_steps = 0;
  double samples = 0;  // for samples per second

  /// Micro-batches of update `update` (0-based within its epoch).
  int64_t micro_batches(int64_t update, int64_t accumulation) const;
  /// Fractional epoch after `batches` micro-batches of epoch `epoch`.
  double epoch_at(int64_t epoch, int64_t batches) const;
};

/// kData when there is not a single batch.
TrainPlan make_plan(const PlanInput& input);

}  // namespace lf
