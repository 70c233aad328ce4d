#include "layers/mlp.h"

#include "kernels/swiglu.h"
#include "tensor/precision.h"

namespace lf {

GatedMlp::GatedMlp(const MlpSpec& spec, int64_t hidden_size)
    : activation_(spec.activation),
      gate_proj_(hidden_size, spec.intermediate_size, spec.bias),
      up_proj_(hidden_size, spec.intermediate_size, spec.bias),
      down_proj_(spec.intermediate_size, hidden_size, spec.bias) {
  register_module("gate_proj", gate_proj_);
  register_module("up_proj", up_proj_);
  register_module("down_proj", down_proj_);
}

static Tensor gated(Activation activation, const Tensor& gate, const Tensor& up) {
  switch (activation) {
    case Activation::kSilu:
      return swiglu(gate, up);
    case Activation::kGelu:
      return at::gelu(gate) * up;
    case Activation::kGeluTanh:
      return at::gelu(gate, "tanh") * up;
    case Activation::kRelu:
      return at::relu(gate) * up;
  }
  return Tensor();
}

Tensor GatedMlp::forward(const Tensor& x) {
  Tensor input = x.to(ComputeDtype::current().value_or(x.scalar_type()));
  Tensor gate = gate_proj_.forward(input), up = up_proj_.forward(input);
  return down_proj_.forward(gated(activation_, gate, up));
}

}  // namespace lf
