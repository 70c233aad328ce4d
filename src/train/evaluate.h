// Mean loss (and accuracy) over an evaluation set.
#pragma once
#include <optional>
#include <string>

#include "base/json.h"
#include "data/batch_source.h"
#include "train/report/progress.h"
#include "train/task.h"

namespace lf {

struct EvaluateOptions {
  std::string prefix = "eval";                   // metric names: <prefix>_loss, ...
  std::optional<c10::ScalarType> compute_dtype;  // as in training
};

/// {prefix}_loss, {prefix}_accuracy (when the task reports it), {prefix}_runtime, samples and steps per second.
/// As upstream: each batch is divided by its own labels, and all batches count the same, a last small one too.
Json evaluate(TrainTask& task, BatchSource& data, const EvaluateOptions& options, Progress* progress = nullptr);

}  // namespace lf
