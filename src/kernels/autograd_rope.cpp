#include <torch/csrc/autograd/custom_function.h>

#include "kernels/cpu/rope.h"
#include "kernels/rope.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class RopeFunction : public torch::autograd::Function<RopeFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& cos, const Tensor& sin) {
    ctx->save_for_backward({cos, sin});
    return cpu::rope(x.contiguous(), cos, sin, 1.0f);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    return {cpu::rope(gradients[0].contiguous(), saved[0], saved[1], -1.0f), Tensor(), Tensor()};
  }
};
}  // namespace

Tensor apply_rope_reference(const Tensor& x, const Tensor& cos, const Tensor& sin) {
  Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
  Tensor c = cos.unsqueeze(1), s = sin.unsqueeze(1);
  std::vector<Tensor> half = wide.chunk(2, -1);
  return at::cat({half[0] * c - half[1] * s, half[1] * c + half[0] * s}, -1).to(x.scalar_type());
}

Tensor apply_rope(const Tensor& x, const Tensor& cos, const Tensor& sin) {
  const bool fused = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  return fused ? RopeFunction::apply(x, cos, sin) : apply_rope_reference(x, cos, sin);
}

}  // namespace lf
