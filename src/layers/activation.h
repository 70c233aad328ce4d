// Element-wise activations, by the names of Hugging Face's ACT2FN, and xIELU, which has parameters.
#pragma once
#include "layers/specs.h"
#include "tensor/module.h"

namespace lf {

/// Any activation without parameters; x in its dtype.
Tensor activate(Activation activation, const Tensor& x);
/// activation(gate) * up.
Tensor activate_gated(Activation activation, const Tensor& gate, const Tensor& up);

/// xIELU (Huang & Schlag 2024, arXiv 2411.13010): a_p x^2 + b x above zero, (expm1(min(x, eps)) - x) a_n + b x below,
/// with a_p = softplus(alpha_p) and a_n = b + softplus(alpha_n), both learned.
class Xielu : public Module {
 public:
  Xielu();
  std::string_view kind() const override { return "Activation"; }
  Tensor forward(const Tensor& x) const;

 private:
  Tensor alpha_p_, alpha_n_;  // 1
  Tensor beta_, eps_;         // scalars, stored with the weights
};

}  // namespace lf
