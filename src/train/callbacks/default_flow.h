// When to log, evaluate, save and stop: transformers' DefaultFlowCallback.
#pragma once
#include <cstdint>
#include <string>

#include "train/report/trainer_state.h"

namespace lf {

struct FlowOptions {
  std::string logging_strategy = "steps";  // no, steps, epoch
  std::string eval_strategy = "no";        // no, steps, epoch
  std::string save_strategy = "steps";     // no, steps, epoch, best
  bool logging_first_step = false;
  double eval_delay = 0;  // steps or epochs, as eval_strategy
};

/// logging_steps, eval_steps, save_steps: a ratio below 1 is a share of max_steps, rounded up.
int64_t resolve_interval(double steps, int64_t max_steps);
/// After an optimizer step (state.global_step already counts it).
void flow_step_end(const FlowOptions& options, const TrainerState& state, TrainerControl& control);
/// After the last step of an epoch.
void flow_epoch_end(const FlowOptions& options, const TrainerState& state, TrainerControl& control);

}  // namespace lf
