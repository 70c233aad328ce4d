// One optimizer step: micro-batches forward and backward, clipping, update.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/batch.h"
#include "optim/optimizer.h"
#include "train/task.h"

namespace lf {

struct StepOptions {
  double max_grad_norm = 1.0;
  std::optional<c10::ScalarType> compute_dtype;  // bf16: true, fp16: true
  double loss_scale = 1.0;                       // fp16: the loss is multiplied by it and the gradients divided
};

struct StepResult {
  std::vector<float> micro_losses;  // each already divided by the targets of the whole step
  double grad_norm = 0;             // before clipping
  bool finite = true;               // false: the update was skipped, parameters and optimizer are untouched
};

/// Runs the micro-batches of one step, each loss divided by the targets of all, and updates the parameters.
StepResult run_step(TrainTask& task, std::span<const Batch> batches, Optimizer& optimizer, const StepOptions& options);

}  // namespace lf
