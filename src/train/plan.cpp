#include "train/plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

namespace {

/// Epochs without a known end: the stream starts over until max_steps are done.
TrainPlan streaming_plan(const PlanInput& input) {
  LF_CHECK(kConfig, input.max_steps > 0, "streaming needs max_steps: the number of rows is not known beforehand");
  TrainPlan plan;
  plan.max_steps = plan.updates_per_epoch = input.max_steps;
  plan.batches_per_epoch = input.max_steps * input.accumulation;
  plan.epochs = std::numeric_limits<int64_t>::max();
  plan.examples = plan.batches_per_epoch * input.batch_size;
  plan.samples = static_cast<double>(plan.examples);
  return plan;
}

}  // namespace

TrainPlan make_plan(const PlanInput& input) {
  if (!input.examples) return streaming_plan(input);
  const int64_t examples = *input.examples;
  TrainPlan plan;
  plan.examples = examples;
  plan.batches_per_epoch = examples / input.batch_size;
  if (!input.drop_last && examples % input.batch_size != 0) ++plan.batches_per_epoch;
  LF_CHECK(kData, plan.batches_per_epoch > 0, "the training set has {} examples, which make no batch of {}{}", examples,
           input.batch_size, input.drop_last ? " (dataloader_drop_last is set)" : "");
  plan.updates_per_epoch = (plan.batches_per_epoch + input.accumulation - 1) / input.accumulation;
  const int64_t total_batch = input.batch_size * input.accumulation;
  if (input.max_steps > 0) {
    plan.max_steps = input.max_steps;
    plan.epochs = (input.max_steps + plan.updates_per_epoch - 1) / plan.updates_per_epoch;
    plan.samples = static_cast<double>(input.max_steps * total_batch);
  } else {
    plan.max_steps = static_cast<int64_t>(std::ceil(input.epochs * static_cast<double>(plan.updates_per_epoch)));
    plan.epochs = static_cast<int64_t>(std::ceil(input.epochs));
    plan.samples = static_cast<double>(examples) * input.epochs;
  }
  return plan;
}

}  // namespace lf
