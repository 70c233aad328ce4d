// When to log, evaluate, save and stop: transformers' DefaultFlowCallback.
#pragma once
#include <cstdint>
#include <optional>

#include "config/training_options.h"

namespace lf {

/// Intervals in steps; fractions of the run are resolved (ceil(total * fraction)).
struct FlowSteps {
  int64_t logging = 500;
  int64_t eval = 500;
  int64_t save = 500;
};
FlowSteps resolve_flow_steps(const TrainingOptions& options, int64_t max_steps);

struct FlowDecision {
  bool log = false;
  bool evaluate = false;
  bool save = false;
  bool stop = false;
};

/// After optimizer step `step` (1-based).
FlowDecision decide_after_step(const TrainingOptions& options, const FlowSteps& steps, int64_t step, int64_t max_steps);
/// After the end of an epoch (`epoch` = fractional epochs done).
FlowDecision decide_after_epoch(const TrainingOptions& options, double epoch);

}  // namespace lf
