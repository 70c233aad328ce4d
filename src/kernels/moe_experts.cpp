#include "kernels/moe_experts.h"

#include <ATen/OpMathType.h>

namespace lf {

static Tensor matrix(const Tensor& stacked, int64_t expert, bool transposed, c10::ScalarType compute) {
  Tensor w = stacked[expert].to(compute);
  return transposed ? w.t() : w;
}

static Tensor bias(const Tensor& stacked, int64_t expert, c10::ScalarType compute) {
  return stacked.defined() ? stacked[expert].to(compute) : Tensor();
}

Tensor moe_experts_reference(const Tensor& x, const Tensor& ids, const Tensor& weights, const ExpertWeights& experts,
                             const ExpertOptions& options) {
  const c10::ScalarType c = options.compute;
  Tensor input = x.to(c), out = at::zeros(input.sizes(), input.options().dtype(at::toOpMathType(c)));
  for (int64_t expert = 0; expert < experts.up.size(0); ++expert) {
    const std::vector<Tensor> where = (ids == expert).nonzero().unbind(1);
    if (where[0].numel() == 0) continue;
    Tensor weight = weights.index({where[0], where[1]}).unsqueeze(1);
    Tensor rows = input.index_select(0, where[0]);
    if (options.weigh_input) rows = (rows * weight).to(c);
    Tensor h = at::linear(rows, matrix(experts.up, expert, experts.transposed, c), bias(experts.up_bias, expert, c));
    const std::vector<Tensor> halves = h.chunk(2, -1);
    Tensor a = options.activation ? options.activation(h) : at::silu(halves[0]) * halves[1];
    Tensor y = at::linear(a, matrix(experts.down, expert, experts.transposed, c), bias(experts.down_bias, expert, c));
    Tensor weighed = options.weigh_input ? y.to(out.scalar_type()) : y * weight;
    out = out.index_add(0, where[0], weighed.to(out.scalar_type()));
  }
  return out.to(c);
}

}  // namespace lf
