#include "layers/moe/sequence_balance.h"

#include <algorithm>

#include "kernels/gradient_tap.h"

namespace lf {

namespace {
/// d(loss)/d(probability) of each token: N X fp32.
Tensor probability_gradient(const Tensor& probabilities, const std::vector<int64_t>& bounds, int64_t chosen,
                            double alpha) {
  const int64_t experts = probabilities.size(1);
  Tensor ids = std::get<1>(probabilities.topk(std::min(chosen, experts), -1));
  Tensor out = at::zeros_like(probabilities);
  int64_t sequences = 0;
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    const int64_t begin = bounds[s], tokens = bounds[s + 1] - begin;
    if (tokens == 0) continue;
    ++sequences;
    const double each = static_cast<double>(experts) / static_cast<double>(ids.size(1) * tokens);
    Tensor counts = at::bincount(ids.slice(0, begin, begin + tokens).flatten(), {}, experts).to(at::kFloat);
    out.slice(0, begin, begin + tokens).copy_((counts * (each / static_cast<double>(tokens))).unsqueeze(0));
  }
  return out * (alpha / static_cast<double>(std::max<int64_t>(sequences, 1)));
}
}  // namespace

Tensor balanced_within_sequences(const Tensor& logits, std::vector<int64_t> bounds, int64_t chosen, double alpha) {
  return tapped(logits, [bounds = std::move(bounds), chosen, alpha](const Tensor& logits) {
    Tensor p = at::softmax(logits, -1, at::kFloat);
    Tensor gradient = probability_gradient(p, bounds, chosen, alpha);
    return p * (gradient - (p * gradient).sum(-1, true));
  });
}

}  // namespace lf
