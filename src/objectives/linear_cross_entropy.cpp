#include "objectives/linear_cross_entropy.h"

#include "base/error.h"
#include "tensor/precision.h"

namespace lf {

namespace {
/// Indices of the rows that take part; kData when one of them has an impossible target.
Tensor taking_part(const Tensor& targets, int64_t vocabulary, int64_t ignore_index) {
  const Tensor rows = (targets != ignore_index).nonzero().squeeze(1);
  if (rows.numel() == 0) return rows;
  const auto [smallest, largest] = at::aminmax(targets.index_select(0, rows));
  LF_CHECK(kData, smallest.item<int64_t>() >= 0 && largest.item<int64_t>() < vocabulary,
           "labels go from {} to {} but the vocabulary has {} entries", smallest.item<int64_t>(),
           largest.item<int64_t>(), vocabulary);
  return rows;
}

c10::ScalarType logit_type(const Tensor& hidden, const Tensor& weight) {
  return ComputeDtype::current().value_or(c10::promoteTypes(hidden.scalar_type(), weight.scalar_type()));
}

/// A zero that still belongs to the graph of `tensor`.
Tensor connected_zero(const Tensor& tensor) {
  const auto type = tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  return tensor.reshape({-1}).narrow(0, 0, 0).sum(type);
}

/// Puts what is known of `rows` into full-length tensors.
void spread(TokenLosses& tokens, const Tensor& rows, int64_t length) {
  if (tokens.losses.size(0) == length) return;
  Tensor losses = at::zeros({length}, tokens.losses.options()), correct = at::zeros({length}, tokens.correct.options());
  tokens.losses = losses.index_copy_(0, rows, tokens.losses);
  tokens.correct = correct.index_copy_(0, rows, tokens.correct);
}
}  // namespace

LossOutput linear_cross_entropy(const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                                const LinearCrossEntropyOptions& options) {
  LF_ASSERT(hidden.dim() == 2 && weight.dim() == 2 && hidden.size(1) == weight.size(1) &&
            targets.size(0) == hidden.size(0));
  const Tensor rows = taking_part(targets, weight.size(0), options.ignore_index);
  const bool all = rows.size(0) == targets.size(0);
  TokenLosses tokens;
  const LinearCrossEntropyKernelOptions kernel{logit_type(hidden, weight), options.label_smoothing, options.softcap,
                                               options.chunk_bytes};
  const Tensor kept = all ? hidden : hidden.index_select(0, rows),
               labels = all ? targets : targets.index_select(0, rows);
  LossOutput out{linear_cross_entropy_sum(kept, weight, options.bias, labels, kernel, &tokens), rows.size(0), {}};
  if (rows.size(0) == 0) out.sum = connected_zero(hidden);
  if (options.tokens) {
    spread(tokens, rows, targets.size(0));
    *options.tokens = std::move(tokens);
  }
  return out;
}

LossOutput cross_entropy_reference(const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                                   const LinearCrossEntropyOptions& options) {
  const auto compute = logit_type(hidden, weight);
  Tensor logits = at::matmul(hidden.to(compute), weight.to(compute).t());
  if (options.bias.defined()) logits = logits + options.bias.to(compute);
  if (options.softcap != 0) logits = at::tanh(logits / options.softcap) * options.softcap;
  return cross_entropy(logits, targets, options);
}

LossOutput cross_entropy(const Tensor& logits, const Tensor& targets, const LinearCrossEntropyOptions& options) {
  const Tensor rows = taking_part(targets, logits.size(1), options.ignore_index);
  if (rows.size(0) == 0) return {connected_zero(logits), 0, {}};
  const Tensor kept = logits.index_select(0, rows), labels = targets.index_select(0, rows);
  const Tensor log_probs = at::log_softmax(kept, 1, logits.scalar_type() == at::kDouble ? at::kDouble : at::kFloat);
  Tensor losses = -log_probs.gather(1, labels.unsqueeze(1)).squeeze(1);
  if (options.label_smoothing > 0) {
    losses = losses * (1 - options.label_smoothing) - log_probs.mean(1) * options.label_smoothing;
  }
  if (options.tokens) {
    *options.tokens = {losses.detach(), kept.detach().argmax(1) == labels};
    spread(*options.tokens, rows, targets.size(0));
  }
  return {losses.sum(), rows.size(0), {}};
}

}  // namespace lf
