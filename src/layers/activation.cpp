#include "layers/activation.h"

#include "kernels/swiglu.h"

namespace lf {

Tensor activate(Activation activation, const Tensor& x) {
  switch (activation) {
    case Activation::kSilu:
      return at::silu(x);
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kGeluTanh:
      return at::gelu(x, "tanh");
    case Activation::kQuickGelu:
      return x * at::sigmoid(x * 1.702);
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kRelu2:
      return at::relu(x).square();
    case Activation::kSigmoid:
      return at::sigmoid(x);
    case Activation::kXielu:
      break;  // has parameters: the class below
  }
  return Tensor();
}

Tensor activate_gated(Activation activation, const Tensor& gate, const Tensor& up) {
  return activation == Activation::kSilu ? swiglu(gate, up) : activate(activation, gate) * up;
}

Xielu::Xielu() {
  const auto meta = at::TensorOptions(at::kMeta).dtype(at::kFloat);
  alpha_p_ = at::empty({1}, meta);
  alpha_n_ = at::empty({1}, meta);
  beta_ = at::empty({}, meta);
  eps_ = at::empty({}, meta);
  register_parameter("alpha_p", alpha_p_);
  register_parameter("alpha_n", alpha_n_);
  register_buffer("beta", beta_);
  register_buffer("eps", eps_);
}

Tensor Xielu::forward(const Tensor& x) const {
  Tensor beta = beta_.to(x.scalar_type()), eps = eps_.to(x.scalar_type());
  Tensor positive = at::softplus(alpha_p_).to(x.scalar_type());
  Tensor negative = beta + at::softplus(alpha_n_).to(x.scalar_type());
  return at::where(x > 0, positive * x * x + beta * x, (at::expm1(at::minimum(x, eps)) - x) * negative + beta * x);
}

}  // namespace lf
