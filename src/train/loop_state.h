// Sums that run between log lines: part of a checkpoint, so that a resumed run logs the very same numbers.
#pragma once
#include <cstdint>

#include "base/json.h"
#include "train/loss_scale.h"

namespace lf {

struct LoopState {
  float loss_since_log = 0;  // fp32 as upstream keeps it
  double loss_total = 0;     // what has been logged so far
  int64_t step_last_logged = 0;
  double flops_since_log = 0;
  double train_seconds = 0;  // of earlier sessions
  int64_t skipped_steps = 0;
  LossScale loss_scale;  // fp16

  Json to_json() const;
  static LoopState from_json(const Json& json);
};

}  // namespace lf
