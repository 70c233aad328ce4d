#include "train/plan.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace lf {

int64_t TrainPlan::micro_batches(int64_t update, int64_t accumulation) const {
  if (update != updates_per_epoch - 1) return std::min(accumulation, batches_per_epoch);
  const int64_t rest = batches_per_epoch % accumulation;
  return rest == 0 ? accumulation : rest;
}

double TrainPlan::epoch_at(int64_t epoch, int64_t batches) const {
  return static_cast<double>(epoch) + static_cast<double>(batches) / static_cast<double>(batches_per_epoch);
}

TrainPlan make_plan(const PlanInput& input) {
  TrainPlan plan;
  plan.batches_per_epoch = input.examples / input.batch_size;
  if (!input.drop_last && input.examples % input.batch_size != 0) ++plan.batches_per_epoch;
  LF_CHECK(kData, plan.batches_per_epoch > 0, "the training set has {} examples, which make no batch of {}{}",
           input.examples, input.batch_size, input.drop_last ? " (dataloader_drop_last is set)" : "");
  plan.updates_per_epoch = (plan.batches_per_epoch + input.accumulation - 1) / input.accumulation;
  const int64_t total_batch = input.batch_size * input.accumulation;
  if (input.max_steps > 0) {
    plan.max_steps = input.max_steps;
    plan.epochs = (input.max_steps + plan.updates_per_epoch - 1) / plan.updates_per_epoch;
    plan.samples = static_cast<double>(input.max_steps * total_batch);
  } else {
    plan.max_steps = static_cast<int64_t>(std::ceil(input.epochs * static_cast<double>(plan.updates_per_epoch)));
    plan.epochs = static_cast<int64_t>(std::ceil(input.epochs));
    plan.samples = static_cast<double>(input.examples) * input.epochs;
  }
  return plan;
}

}  // namespace lf
