#include <torch/csrc/autograd/custom_function.h>

#include "kernels/cpu/swiglu.h"
#include "kernels/swiglu.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class SwigluFunction : public torch::autograd::Function<SwigluFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& gate, const Tensor& up) {
    Tensor g = gate.contiguous(), u = up.contiguous();
    ctx->save_for_backward({g, u});
    return cpu::swiglu_forward(g, u);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    auto [d_gate, d_up] = cpu::swiglu_backward(gradients[0].contiguous(), saved[0], saved[1]);
    return {d_gate, d_up};
  }
};
}  // namespace

Tensor swiglu_reference(const Tensor& gate, const Tensor& up) { return at::silu(gate) * up; }

Tensor swiglu(const Tensor& gate, const Tensor& up) {
  const bool dtype = gate.scalar_type() == at::kFloat || gate.scalar_type() == at::kBFloat16;
  const bool fused = gate.is_cpu() && dtype && up.scalar_type() == gate.scalar_type();
  return fused ? SwigluFunction::apply(gate, up) : swiglu_reference(gate, up);
}

}  // namespace lf
