#include <torch/csrc/autograd/custom_function.h>

#include "kernels/cpu/rms_norm.h"
#include "kernels/rms_norm.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class RmsNormFunction : public torch::autograd::Function<RmsNormFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weight, double eps) {
    Tensor rows = x.reshape({-1, x.size(-1)}).contiguous();
    auto [y, inverse_rms] = cpu::rms_norm_forward(rows, weight, eps);
    ctx->save_for_backward({rows, weight, inverse_rms});
    return y.view(x.sizes());
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &x = saved[0], &weight = saved[1], &inverse_rms = saved[2];
    Tensor dy = gradients[0].reshape(x.sizes()).to(x.scalar_type()).contiguous();
    Tensor dx, dw;
    if (ctx->needs_input_grad(0)) {
      dx = cpu::rms_norm_backward(dy, x, weight, inverse_rms).view(gradients[0].sizes());
    }
    if (ctx->needs_input_grad(1)) {
      Tensor normed = x.to(at::kFloat) * inverse_rms.unsqueeze(-1);
      dw = (dy.to(at::kFloat) * normed).sum(0).to(weight.scalar_type());
    }
    return {dx, dw, Tensor()};
  }
};

bool has_fused(const Tensor& x, const Tensor& weight) {
  const bool dtype = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  return x.is_cpu() && dtype && weight.scalar_type() == x.scalar_type();
}
}  // namespace

Tensor rms_norm_reference(const Tensor& x, const Tensor& weight, double eps) {
  Tensor wide = x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
  Tensor normed = wide * at::rsqrt(wide.pow(2).mean(-1, true) + eps);
  return weight * normed.to(x.scalar_type());
}

Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  return has_fused(x, weight) ? RmsNormFunction::apply(x, weight, eps) : rms_norm_reference(x, weight, eps);
}

}  // namespace lf
