#include "layers/mlp.h"

#include "tensor/precision.h"

namespace lf {

Mlp::Mlp(const MlpSpec& spec, int64_t hidden_size)
    : spec_(spec), down_(spec.intermediate_size, hidden_size, spec.bias || spec.down_bias, spec.transposed_weights) {
  auto add = [&](std::unique_ptr<Linear>& slot, const std::string& name, int64_t out) {
    slot = std::make_unique<Linear>(hidden_size, out, spec.bias, spec.transposed_weights);
    register_module(name, *slot);
  };
  if (spec.fused) {
    add(fused_, spec.names.fused, 2 * spec.intermediate_size);
  } else {
    if (spec.gated) add(gate_, spec.names.gate, spec.intermediate_size);
    add(up_, spec.names.up, spec.intermediate_size);
  }
  register_module(spec.names.down, down_);
  if (spec.activation == Activation::kXielu) {
    xielu_ = std::make_unique<Xielu>();
    register_module("act_fn", *xielu_);
  }
}

Tensor Mlp::inner(const Tensor& x) {
  if (!spec_.gated) {
    Tensor up = up_->forward(x);
    return xielu_ ? xielu_->forward(up) : activate(spec_.activation, up);
  }
  Tensor gate, up;
  if (fused_) {
    std::vector<Tensor> halves = fused_->forward(x).chunk(2, -1);
    gate = halves[spec_.up_first ? 1 : 0];
    up = halves[spec_.up_first ? 0 : 1];
  } else {
    gate = gate_->forward(x);
    up = up_->forward(x);
  }
  if (spec_.gate_multiplier != 1) gate = gate * spec_.gate_multiplier;
  return xielu_ ? xielu_->forward(gate) * up : activate_gated(spec_.activation, gate, up);
}

Tensor Mlp::forward(const Tensor& x) {
  Tensor out = down_.forward(inner(x.to(ComputeDtype::current().value_or(x.scalar_type()))));
  return spec_.down_multiplier == 1 ? out : out * spec_.down_multiplier;
}

Tensor Mlp::forward(const Tensor& x, const LayerContext&) { return forward(x); }

}  // namespace lf
