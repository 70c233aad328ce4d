#include "train/loop_state.h"

namespace lf {

Json LoopState::to_json() const {
  return {{"loss_since_log", loss_since_log},     {"loss_total", loss_total},
          {"step_last_logged", step_last_logged}, {"flops_since_log", flops_since_log},
          {"train_seconds", train_seconds},       {"skipped_steps", skipped_steps},
          {"loss_scale", loss_scale.value()},     {"finite_in_a_row", loss_scale.finite_in_a_row()}};
}

LoopState LoopState::from_json(const Json& json) {
  LoopState state;
  state.loss_since_log = json.value("loss_since_log", 0.0f);
  state.loss_total = json.value("loss_total", 0.0);
  state.step_last_logged = json.value("step_last_logged", int64_t{0});
  state.flops_since_log = json.value("flops_since_log", 0.0);
  state.train_seconds = json.value("train_seconds", 0.0);
  state.skipped_steps = json.value("skipped_steps", int64_t{0});
  if (json.contains("loss_scale"))
    state.loss_scale.restore(json.value("loss_scale", 0.0), json.value("finite_in_a_row", int64_t{0}));
  return state;
}

}  // namespace lf
