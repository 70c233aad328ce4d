// What all optimizers share: clearing gradients and clipping them by their common norm.
#include "optim/optimizer.h"

namespace lf {

void Optimizer::zero_grad() {
  for (ParamGroup& group : groups_) {
    for (auto& [name, parameter] : group.params) parameter.mutable_grad() = Tensor();
  }
}

double clip_grad_norm(std::span<ParamGroup> groups, double max_norm) {
  at::NoGradGuard no_grad;
  std::vector<Tensor> gradients;
  for (ParamGroup& group : groups) {
    for (auto& [name, parameter] : group.params) {
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    }
  }
  if (gradients.empty()) return 0.0;
  std::vector<Tensor> norms;
  norms.reserve(gradients.size());
  for (const Tensor& gradient : gradients) {
    norms.push_back(at::linalg_vector_norm(gradient, 2.0, at::OptionalIntArrayRef(), false, at::kFloat));
  }
  const Tensor total = at::linalg_vector_norm(at::stack(norms), 2.0);
  if (max_norm > 0) {
    const Tensor factor = (max_norm / (total + 1e-6)).clamp_max(1.0);
    at::_foreach_mul_(gradients, factor);
  }
  return total.item<double>();
}

}  // namespace lf
