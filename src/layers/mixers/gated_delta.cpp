#include "layers/mixers/gated_delta.h"

#include "base/error.h"
#include "kernels/gated_delta_rule.h"
#include "layers/linear.h"
#include "layers/mixers/recurrent_parts.h"

namespace lf {

namespace {
// N tokens, G key heads, R value heads for each, K and V head widths.
class GatedDelta : public Mixer {
 public:
  GatedDelta(const GatedDeltaSpec& spec, const LayerPlace& place)
      : spec_(spec),
        layer_(place.index),
        key_width_(spec.key_heads * spec.key_dim),
        value_width_(spec.value_heads * spec.value_dim),
        conv_(2 * key_width_ + value_width_, spec.conv_width, false, /*silu=*/true),
        dt_bias_(meta_parameter({spec.value_heads})),
        a_log_(meta_parameter({spec.value_heads})),
        norm_(spec.value_dim, {.eps = spec.norm_eps, .gate_first = false}),
        out_proj_(value_width_, place.hidden_size, false) {
    register_parameter("dt_bias", dt_bias_);
    register_parameter("A_log", a_log_);
    register_module("conv1d", conv_);
    const int64_t in = place.hidden_size;
    if (spec.layout == GatedDeltaSpec::Layout::kGrouped) {
      add(qkvz_, "in_proj_qkvz", in, 2 * key_width_ + 2 * value_width_);
      add(ba_, "in_proj_ba", in, 2 * spec.value_heads);
    } else {
      add(qkv_, "in_proj_qkv", in, 2 * key_width_ + value_width_);
      add(z_, "in_proj_z", in, value_width_);
      add(b_, "in_proj_b", in, spec.value_heads);
      add(a_, "in_proj_a", in, spec.value_heads);
    }
    register_module("norm", norm_);
    register_module("out_proj", out_proj_);
  }

  std::string_view kind() const override { return "GatedDeltaNet"; }

  double flops_per_token(int64_t) const override {
    return 8.0 * static_cast<double>(spec_.value_heads * spec_.key_dim * spec_.value_dim);
  }

  bool initialize(const NamedParameter& parameter, Tensor& value) const override {
    if (parameter.tensor == &dt_bias_) return value.fill_(1.0), true;
    if (parameter.tensor == &a_log_) return fill_uniform(parameter, value, 1e-3, 16), value.log_(), true;
    return false;
  }

  Tensor forward(const Tensor& x, const LayerContext& context) override {
    Projected p =
        spec_.layout == GatedDeltaSpec::Layout::kGrouped ? grouped(in_compute_dtype(x)) : separate(in_compute_dtype(x));
    std::vector<Tensor> mixed =
        conv_.forward(p.qkv, context, layer_, 0).split_with_sizes({key_width_, key_width_, value_width_}, 1);
    GatedDeltaInputs in;
    in.q = mixed[0].unflatten(1, {spec_.key_heads, spec_.key_dim});
    in.k = mixed[1].unflatten(1, {spec_.key_heads, spec_.key_dim});
    in.v = mixed[2].unflatten(1, {spec_.value_heads, spec_.value_dim});
    in.beta = at::sigmoid(p.b);
    in.g = -at::exp(widened(a_log_)) * at::softplus(widened(p.a) + widened(dt_bias_));
    StreamStates states(context, layer_, 1);
    Tensor out = gated_delta_rule(in, context.stream->bounds, states.get());
    return out_proj_.forward(norm_.forward(out, p.z).flatten(1));
  }

 private:
  struct Projected {
    Tensor qkv;   // N (2 G K + H V)
    Tensor z;     // N H V
    Tensor b, a;  // N H
  };

  void add(std::unique_ptr<Linear>& to, const char* name, int64_t in, int64_t out) {
    to = std::make_unique<Linear>(in, out, false);
    register_module(name, *to);
  }

  Projected grouped(const Tensor& x) {
    const int64_t repeats = spec_.value_heads / spec_.key_heads, values = repeats * spec_.value_dim;
    auto parts = qkvz_->forward(x)
                     .unflatten(1, {spec_.key_heads, 2 * spec_.key_dim + 2 * values})
                     .split_with_sizes({spec_.key_dim, spec_.key_dim, values, values}, 2);
    auto gates = ba_->forward(x).unflatten(1, {spec_.key_heads, 2 * repeats}).split(repeats, 2);
    return {at::cat({parts[0].flatten(1), parts[1].flatten(1), parts[2].flatten(1)}, 1),
            parts[3].reshape({x.size(0), spec_.value_heads, spec_.value_dim}), gates[0].flatten(1),
            gates[1].flatten(1)};
  }

  Projected separate(const Tensor& x) {
    return {qkv_->forward(x), z_->forward(x).unflatten(1, {spec_.value_heads, spec_.value_dim}), b_->forward(x),
            a_->forward(x)};
  }

  GatedDeltaSpec spec_;
  int64_t layer_, key_width_, value_width_;
  CausalConv conv_;
  Tensor dt_bias_, a_log_;  // H
  std::unique_ptr<Linear> qkvz_, ba_, qkv_, z_, b_, a_;
  GatedNorm norm_;
  Linear out_proj_;
};
}  // namespace

std::unique_ptr<Mixer> GatedDeltaSpec::build(const LayerPlace& place) const {
  return std::make_unique<GatedDelta>(*this, place);
}

std::string GatedDeltaSpec::describe() const {
  return fmt::format("gated delta rule, {} key heads of {}, {} value heads of {}, convolution over {} tokens",
                     key_heads, key_dim, value_heads, value_dim, conv_width);
}

void GatedDeltaSpec::validate() const {
  LF_CHECK(kFormat, key_heads > 0 && key_dim > 0 && value_dim > 0 && conv_width > 0,
           "config.json: linear attention needs positive head counts and widths, not {}", describe());
  LF_CHECK(kFormat, value_heads > 0 && value_heads % key_heads == 0,
           "config.json: linear_num_value_heads ({}) must be a multiple of linear_num_key_heads ({})", value_heads,
           key_heads);
}

}  // namespace lf
