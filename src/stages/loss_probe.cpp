#include "objectives/linear_cross_entropy.h"
#include "stages/block_probe.h"
#include "tensor/cpu_memory.h"
#include "tensor/precision.h"

namespace lf {
namespace {

/// The most that the loss of `tokens` tokens needs with a head of `vocabulary` rows.
double loss_peak(const BlockProbe& probe, int64_t tokens, int64_t vocabulary) {
  Linear& head = probe.model.head();
  const auto stream = at::TensorOptions().dtype(probe.stream);
  Tensor hidden = at::zeros({tokens, head.in_features()}, stream).requires_grad_(true);
  const Tensor weight = at::zeros({vocabulary, head.in_features()}, head.weight().scalar_type());
  const Tensor targets = at::arange(tokens, at::kLong);
  reset_most_live();
  const auto before = static_cast<double>(cpu_memory().live);
  const double softcap = probe.model.spec().logit_softcap;
  if (head.adapters().empty()) {
    LinearCrossEntropyOptions options{.softcap = softcap};
    linear_cross_entropy(probe.model.head_input(hidden), weight, targets, options).sum.backward();
  } else {
    cross_entropy_reference(probe.model.head_input(hidden), weight, targets, {.softcap = softcap}).sum.backward();
  }
  return static_cast<double>(cpu_memory().most_live) - before;
}

}  // namespace

double probe_loss(const BlockProbe& probe) {
  const CountSmallBlocks counting;
  const ComputeDtype scope(probe.compute_dtype);
  const at::AutoGradMode recording(true);
  constexpr double t = 64, v = 512;
  const auto at = [&](double tokens, double rows) {
    return loss_peak(probe, static_cast<int64_t>(tokens), static_cast<int64_t>(rows));
  };
  // Something for each token, for each row of the head, and for each logit.
  const double one = at(t, v), tokens = at(2 * t, v), rows = at(t, 2 * v), both = at(2 * t, 2 * v);
  const double logit = (both - tokens - rows + one) / (t * v);
  const double token = (tokens - one) / t - logit * v, row = (rows - one) / v - logit * t;
  const double constant = one - token * t - row * v - logit * t * v;
  const auto vocabulary = static_cast<double>(probe.model.spec().vocab_size);
  const auto all = static_cast<double>(probe.rows * probe.length);
  const auto width = static_cast<double>(c10::elementSize(probe.compute_dtype.value_or(probe.stream)));
  const auto chunk = static_cast<double>(LinearCrossEntropyOptions{}.chunk_bytes) / (vocabulary * width);
  const double at_once = probe.model.head().adapters().empty() ? std::min(all, std::max(1.0, std::floor(chunk))) : all;
  return constant + token * all + row * vocabulary + logit * at_once * vocabulary;
}

}  // namespace lf
