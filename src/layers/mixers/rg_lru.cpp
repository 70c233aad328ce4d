#include "layers/mixers/rg_lru.h"

#include "base/error.h"
#include "kernels/linear_scan.h"
#include "layers/activation.h"
#include "layers/linear.h"
#include "layers/mixers/recurrent_parts.h"

namespace lf {

namespace {
constexpr double kDecayPower = 8.0, kMostSqrtGradient = 1000.0;

/// sqrt(x), with a slope of at most kMostSqrtGradient.
Tensor bounded_sqrt(const Tensor& x) {
  Tensor still = x.detach();
  Tensor slope = at::rsqrt((still * 4).clamp_min(1 / (kMostSqrtGradient * kMostSqrtGradient)));
  return at::sqrt(still) + (x - still) * slope;
}

// N tokens, H heads of width W.
class RgLru : public Module {
 public:
  RgLru(const RgLruSpec& spec, int64_t layer)
      : heads_(spec.heads),
        layer_(layer),
        decay_(meta_parameter({spec.width})),
        input_weight_(meta_parameter({spec.heads, spec.width / spec.heads, spec.width / spec.heads})),
        input_bias_(meta_parameter({spec.heads, spec.width / spec.heads})),
        decay_weight_(meta_parameter(input_weight_.sizes())),
        decay_bias_(meta_parameter(input_bias_.sizes())) {
    register_parameter("recurrent_param", decay_);
    register_parameter("input_gate_weight", input_weight_);
    register_parameter("input_gate_bias", input_bias_);
    register_parameter("recurrent_gate_weight", decay_weight_);
    register_parameter("recurrent_gate_bias", decay_bias_);
  }

  std::string_view kind() const override { return "RGLRU"; }

  double flops_per_token(int64_t) const override { return 4.0 * static_cast<double>(input_weight_.numel()); }

  bool initialize(const NamedParameter& parameter, Tensor& value) const override {
    if (parameter.tensor == &input_bias_ || parameter.tensor == &decay_bias_) return value.zero_(), true;
    if (parameter.tensor != &decay_) return false;
    fill_uniform(parameter, value, 0.9 * 0.9 + 1e-8, 0.999 * 0.999 + 1e-8);
    value.log_().mul_(0.5).neg_().exp_().sub_(1.0).log_();
    return true;
  }

  /// x: N (H W) -> the same.
  Tensor forward(const Tensor& x, const LayerContext& context) const {
    Tensor first = (context.stream->positions == 0).unsqueeze(1);  // the state starts anew
    Tensor log_decay = widened(gate(x, decay_weight_, decay_bias_)) * at::softplus(widened(decay_)) * -kDecayPower;
    Tensor scale = bounded_sqrt(1 - at::exp(2 * log_decay)).masked_fill(first, 1.0);
    Tensor gated = widened(x * gate(x, input_weight_, input_bias_)) * scale;
    StreamStates states(context, layer_, 1);
    return gated_recurrence(at::exp(log_decay).masked_fill(first, 0.0), gated, context.stream->bounds, states.get())
        .to(x.scalar_type());
  }

 private:
  Tensor gate(const Tensor& x, const Tensor& weight, const Tensor& bias) const {
    Tensor heads = x.unflatten(1, {heads_, x.size(1) / heads_}).transpose(0, 1);
    Tensor scores = at::matmul(heads, weight.to(x.scalar_type())) + bias.to(x.scalar_type()).unsqueeze(1);
    return at::sigmoid(scores.transpose(0, 1).flatten(1));
  }

  int64_t heads_, layer_;
  Tensor decay_, input_weight_, input_bias_, decay_weight_, decay_bias_;
};

class RecurrentBlock : public Mixer {
 public:
  RecurrentBlock(const RgLruSpec& spec, const LayerPlace& place)
      : spec_(spec),
        layer_(place.index),
        linear_y_(place.hidden_size, spec.width, true),
        linear_x_(place.hidden_size, spec.width, true),
        linear_out_(spec.width, place.hidden_size, true),
        conv_(spec.width, spec.conv_width, /*has_bias=*/true, /*silu=*/false),
        rg_lru_(spec, place.index) {
    register_module("linear_y", linear_y_);
    register_module("linear_x", linear_x_);
    register_module("linear_out", linear_out_);
    register_module("conv_1d", conv_);
    register_module("rg_lru", rg_lru_);
  }

  std::string_view kind() const override { return "RecurrentBlock"; }

  Tensor forward(const Tensor& x, const LayerContext& context) override {
    Tensor input = in_compute_dtype(x);
    Tensor gate = activate(spec_.activation, linear_y_.forward(input));
    Tensor mixed = rg_lru_.forward(conv_.forward(linear_x_.forward(input), context, layer_, 0), context);
    return linear_out_.forward(mixed * gate);
  }

 private:
  RgLruSpec spec_;
  int64_t layer_;
  Linear linear_y_, linear_x_, linear_out_;
  CausalConv conv_;
  RgLru rg_lru_;
};
}  // namespace

std::unique_ptr<Mixer> RgLruSpec::build(const LayerPlace& place) const {
  return std::make_unique<RecurrentBlock>(*this, place);
}

std::string RgLruSpec::describe() const {
  return fmt::format("gated linear recurrence, {} channels, {} gate blocks, convolution over {} tokens", width, heads,
                     conv_width);
}

void RgLruSpec::validate() const {
  LF_CHECK(kFormat, heads > 0 && width > 0 && width % heads == 0 && conv_width > 0,
           "config.json: lru_width ({}) must be a multiple of num_attention_heads ({})", width, heads);
}

}  // namespace lf
