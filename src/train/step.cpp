#include "train/step.h"

#include "tensor/precision.h"

namespace lf {

static void scale_gradients(std::span<const ParamGroup> groups, double factor) {
  at::NoGradGuard no_grad;
  for (const ParamGroup& group : groups) {
    for (const auto& [name, tensor] : group.params) {
      if (tensor.grad().defined()) tensor.grad().mul_(factor);
    }
  }
}

StepResult run_step(TrainTask& task, std::span<const Batch> batches, Optimizer& optimizer, const StepOptions& options) {
  int64_t targets = 0;
  for (const Batch& batch : batches) targets += task.normaliser(batch);
  const double scale = targets > 0 ? 1.0 / static_cast<double>(targets) : 0.0;  // all labels masked: loss 0, not NaN

  StepResult result;
  task.set_training(true);
  for (const Batch& batch : batches) {
    ComputeDtype precision(options.compute_dtype);
    LossOutput output = task.loss(batch);
    Tensor loss = output.sum * scale;
    if (output.added.defined()) loss = loss + output.added;
    if (loss.requires_grad()) (options.loss_scale == 1.0 ? loss : loss * options.loss_scale).backward();
    result.micro_losses.push_back(loss.item<float>());
    result.finite = result.finite && std::isfinite(result.micro_losses.back());
  }
  if (options.loss_scale != 1.0) scale_gradients(optimizer.groups(), 1.0 / options.loss_scale);
  result.grad_norm = clip_grad_norm(optimizer.groups(), options.max_grad_norm);
  result.finite = result.finite && std::isfinite(result.grad_norm);
  if (result.finite) optimizer.step();
  optimizer.zero_grad();
  return result;
}

}  // namespace lf
