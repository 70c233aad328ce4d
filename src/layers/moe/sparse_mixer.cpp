#include "kernels/sparse_mixer.h"

#include "layers/moe/router.h"

namespace lf {

namespace {
constexpr double kNever = -std::numeric_limits<double>::infinity();

/// -inf where `scores` is more than 2 epsilon below the best of `among`, relative to the larger magnitude.
Tensor near_the_best(const Tensor& among, const Tensor& scores, double epsilon) {
  Tensor best = among.detach().amax(-1, true), plain = scores.detach();
  Tensor far = (best - plain) / plain.abs().maximum(best) > 2 * epsilon;
  return among.masked_fill(far, kNever);
}

struct Choice {
  Tensor id, weight;  // N 1
};

/// One expert of those in `gates` (logits, -inf = out).
Choice choose(const Tensor& logits, const Tensor& among, const Tensor& gates, bool training) {
  Tensor probabilities = at::softmax(gates, -1);
  if (!training) {
    Tensor id = among.detach().argmax(-1, true);
    return {id, probabilities.gather(-1, id)};
  }
  Tensor noise =
      at::empty_like(gates, gates.options().requires_grad(false), at::MemoryFormat::Contiguous).exponential_().log();
  Tensor id = (gates.detach() - noise).argmax(-1, true);
  auto [largest, best] = probabilities.detach().max(-1, true);
  Tensor as_is = (id == best).logical_or(at::rand_like(largest) > 0.75);
  Tensor factor = at::add(at::scalar_tensor(0.3333, as_is.options().dtype(at::kFloat)), as_is, 0.6667);
  return {id, sparse_mixer_weight(logits, id, probabilities.detach(), factor.to(gates.scalar_type()))};
}
}  // namespace

Routing sparse_mixer(const Tensor& logits, double epsilon, bool training) {
  Choice first = choose(logits, logits, near_the_best(logits, logits, epsilon), training);
  Tensor rest = logits.scatter(-1, first.id, kNever);
  Choice second = choose(logits, rest, near_the_best(rest, logits, epsilon), training);
  return {at::cat({first.id, second.id}, -1), at::cat({first.weight, second.weight}, -1)};
}

}  // namespace lf
