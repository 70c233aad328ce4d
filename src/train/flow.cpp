#include "train/flow.h"

#include <cmath>

namespace lf {
namespace {

int64_t resolve(double steps, int64_t max_steps) {
  return steps < 1 ? static_cast<int64_t>(std::ceil(static_cast<double>(max_steps) * steps))
                   : static_cast<int64_t>(steps);
}

bool due(int64_t step, int64_t interval) { return interval > 0 && step % interval == 0; }

}  // namespace

FlowSteps resolve_flow_steps(const TrainingOptions& options, int64_t max_steps) {
  FlowSteps steps;
  steps.logging = resolve(options.logging_steps, max_steps);
  steps.eval = options.eval_steps ? resolve(*options.eval_steps, max_steps) : steps.logging;
  steps.save = resolve(options.save_steps, max_steps);
  return steps;
}

FlowDecision decide_after_step(const TrainingOptions& options, const FlowSteps& steps, int64_t step,
                               int64_t max_steps) {
  const bool eval_allowed = options.eval_delay <= static_cast<double>(step);
  FlowDecision flow;
  flow.log =
      (step == 1 && options.logging_first_step) || (options.logging_strategy == "steps" && due(step, steps.logging));
  flow.evaluate = options.eval_strategy == "steps" && due(step, steps.eval) && eval_allowed;
  flow.save = options.save_strategy == "steps" && due(step, steps.save);
  if (step >= max_steps) {
    flow.stop = true;
    flow.evaluate = flow.evaluate || (options.eval_strategy == "steps" && eval_allowed);
    flow.save = flow.save || options.save_strategy == "steps";
  }
  return flow;
}

FlowDecision decide_after_epoch(const TrainingOptions& options, double epoch) {
  FlowDecision flow;
  flow.log = options.logging_strategy == "epoch";
  flow.evaluate = options.eval_strategy == "epoch" && options.eval_delay <= epoch;
  flow.save = options.save_strategy == "epoch";
  return flow;
}

}  // namespace lf
