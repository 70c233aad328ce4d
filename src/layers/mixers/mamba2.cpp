#include "layers/mixers/mamba2.h"

#include "base/error.h"
#include "kernels/linear_attention.h"
#include "layers/linear.h"

namespace lf {

namespace {
// N tokens, G groups, H heads of width V, S states.
class Mamba2 : public Mixer {
 public:
  Mamba2(const Mamba2Spec& spec, const LayerPlace& place)
      : spec_(spec),
        layer_(place.index),
        shared_width_(spec.groups * spec.state),
        conv_(spec.inner() + 2 * shared_width_, spec.conv_width, spec.conv_bias, /*silu=*/true),
        in_proj_(place.hidden_size, 2 * spec.inner() + 2 * shared_width_ + spec.heads, spec.in_bias),
        dt_bias_(meta_parameter({spec.heads})),
        a_log_(meta_parameter({spec.heads})),
        d_(meta_parameter({spec.heads})),
        out_proj_(spec.inner(), place.hidden_size, spec.out_bias) {
    register_parameter("dt_bias", dt_bias_);
    register_parameter("A_log", a_log_);
    register_parameter("D", d_);
    register_module("conv1d", conv_);
    register_module("in_proj", in_proj_);
    if (spec.norm) {
      norm_ = std::make_unique<GatedNorm>(spec.inner(), *spec.norm);
      register_module("norm", *norm_);
    }
    register_module("out_proj", out_proj_);
  }

  std::string_view kind() const override { return "Mamba2Mixer"; }

  double flops_per_token(int64_t) const override { return 6.0 * static_cast<double>(spec_.inner() * spec_.state); }

  bool initialize(const NamedParameter& parameter, Tensor& value) const override {
    if (parameter.tensor == &a_log_) return initialize_rates(value), true;
    if (parameter.tensor == &d_) return value.fill_(1.0), true;
    if (parameter.tensor != &dt_bias_) return false;
    if (spec_.unit_step_bias) return value.fill_(1.0), true;
    return initialize_step_bias(parameter, value, spec_.initial_steps), true;
  }

  Tensor forward(const Tensor& x, const LayerContext& context) override {
    const int64_t inner = spec_.inner();
    Tensor input = in_compute_dtype(x);
    if (spec_.input_multiplier != 1) input = input * spec_.input_multiplier;
    std::vector<Tensor> parts =
        scaled(in_proj_.forward(input)).split_with_sizes({inner, inner + 2 * shared_width_, spec_.heads}, 1);
    std::vector<Tensor> mixed =
        conv_.forward(parts[1], context, layer_, 0).split_with_sizes({inner, shared_width_, shared_width_}, 1);
    SsdInputs in;
    in.x = mixed[0].unflatten(1, {spec_.heads, spec_.head_dim});
    in.b = mixed[1].unflatten(1, {spec_.groups, spec_.state});
    in.c = mixed[2].unflatten(1, {spec_.groups, spec_.state});
    in.dt = steps(parts[2]);
    in.a = -at::exp(widened(a_log_));
    in.d = widened(d_);
    StreamStates states(context, layer_, 1);
    Tensor y = ssd_scan(in, context.stream->bounds, states.get()).flatten(1);
    Tensor gated = norm_ ? norm_->forward(y, parts[0]) : y * at::silu(parts[0]);
    return out_proj_.forward(gated);
  }

 private:
  Tensor steps(const Tensor& projected) const {
    Tensor dt = at::softplus(widened(projected) + widened(dt_bias_));
    const bool limited = spec_.least_step > 0 || std::isfinite(spec_.most_step);
    return limited ? at::clamp(dt, spec_.least_step, spec_.most_step) : dt;
  }

  Tensor scaled(const Tensor& projected) const {
    const std::array<double, 5> none = {1, 1, 1, 1, 1};
    if (spec_.multipliers == none) return projected;
    const std::array<int64_t, 5> widths = {spec_.inner(), spec_.inner(), shared_width_, shared_width_, spec_.heads};
    std::vector<Tensor> factors;
    for (size_t i = 0; i < widths.size(); ++i) {
      factors.push_back(at::full({widths[i]}, spec_.multipliers[i], projected.options().requires_grad(false)));
    }
    return projected * at::cat(factors);
  }

  Mamba2Spec spec_;
  int64_t layer_, shared_width_;
  CausalConv conv_;
  Linear in_proj_;
  Tensor dt_bias_, a_log_, d_;  // H
  std::unique_ptr<GatedNorm> norm_;
  Linear out_proj_;
};
}  // namespace

std::unique_ptr<Mixer> Mamba2Spec::build(const LayerPlace& place) const {
  return std::make_unique<Mamba2>(*this, place);
}

std::string Mamba2Spec::describe() const {
  return fmt::format("Mamba-2, {} heads of {}, {} groups of {} states, convolution over {} tokens", heads, head_dim,
                     groups, state, conv_width);
}

void Mamba2Spec::validate() const {
  LF_CHECK(kFormat, heads > 0 && head_dim > 0 && state > 0 && conv_width > 0,
           "config.json: a Mamba-2 layer needs positive sizes, not {}", describe());
  LF_CHECK(kFormat, groups > 0 && heads % groups == 0,
           "config.json: the Mamba-2 heads ({}) must be a multiple of the groups ({})", heads, groups);
  LF_CHECK(kFormat, !norm || (norm->groups > 0 && inner() % norm->groups == 0),
           "config.json: the Mamba-2 width ({}) must be a multiple of the norm's groups", inner());
}

}  // namespace lf
