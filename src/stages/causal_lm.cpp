#include "stages/causal_lm.h"

#include "objectives/linear_cross_entropy.h"
#include "stages/run_vocabulary.h"

namespace lf {
namespace {

/// Share of right predictions in each row that has targets, summed over the rows (upstream averages over rows).
double row_accuracy_sum(const TokenLosses& tokens, const Batch& batch) {
  const Tensor correct = tokens.correct.to(at::kCPU, at::kDouble);
  const Tensor counted = batch.targets.to(at::kCPU).ne(-100).to(at::kDouble);
  double sum = 0;
  for (size_t row = 0; row + 1 < batch.row_bounds.size(); ++row) {
    const int64_t start = batch.row_bounds[row], length = batch.row_bounds[row + 1] - start;
    const double targets = counted.narrow(0, start, length).sum().item<double>();
    if (targets > 0) sum += correct.narrow(0, start, length).sum().item<double>() / targets;
  }
  return sum;
}

/// Where a mixture of experts gathers its load-balancing loss; null where that is not part of the loss.
std::shared_ptr<RouterLog> router_log(const RouterLossSpec& spec) {
  return spec.coefficient == 0 ? nullptr : std::make_shared<RouterLog>(spec.chosen);
}

/// Whether the head is one dense product, so that its logits need not exist.
bool is_plain(Linear& head) { return head.adapters().empty() && head.storage() == nullptr; }

}  // namespace

void CausalLmTask::set_training(bool training) {
  training_ = training;
  model_.train(training);
}

LossOutput CausalLmTask::loss(const Batch& batch) {
  require_rows(batch.ids, embedding_rows(model_), tokenizer_);
  const at::Device device = batch_device();
  const TokenStream stream{batch.ids.to(device), batch.positions.to(device), batch.bounds};
  const RouterLossSpec& balance = model_.spec().router_loss;
  const std::shared_ptr<RouterLog> routers = router_log(balance);
  Tensor hidden = model_.forward(stream, nullptr,
                                 {.gradient_checkpointing = options_.gradient_checkpointing,
                                  .embedding_noise = training_ ? options_.neftune_alpha : 0.0,
                                  .routers = routers,
                                  .shift_ratio = training_ ? options_.shift_ratio : 0.0});
  Tensor imbalance;
  if (routers) std::tie(hidden, imbalance) = routers->close(hidden);
  const bool accuracy = options_.compute_accuracy && !training_;
  TokenLosses tokens;
  LinearCrossEntropyOptions options;
  options.label_smoothing = options_.label_smoothing;
  options.tokens = accuracy ? &tokens : nullptr;
  const Tensor targets = batch.targets.to(device);
  LossOutput output;
  if (is_plain(model_.head())) {
    options.bias = model_.head_bias();
    options.softcap = model_.spec().logit_softcap;
    output = linear_cross_entropy(model_.head_input(hidden), model_.head().effective_weight(), targets, options);
  } else {
    output = cross_entropy(model_.logits(hidden), targets, options);
  }
  if (routers) output.added = imbalance * balance.coefficient;
  if (accuracy) output.metrics["row_accuracy_sum"] = row_accuracy_sum(tokens, batch);
  return output;
}

at::Device CausalLmTask::batch_device() { return model_.embedding().weight().device(); }

void CausalLmTask::write_model(OutputFolder& folder) {
  weights_.write(folder);
  for (const auto& [name, text] : tokenizer_.files()) folder.write_text(name, text);
}

}  // namespace lf
