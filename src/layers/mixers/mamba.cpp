#include "layers/mixers/mamba.h"

#include "base/error.h"
#include "kernels/linear_scan.h"
#include "layers/linear.h"
#include "layers/norm.h"

namespace lf {

namespace {
/// From ranks to step sizes, which start as the paper says.
class StepProjection : public Linear {
 public:
  StepProjection(int64_t rank, int64_t channels, const std::optional<StepRange>& range)
      : Linear(rank, channels, true), range_(range) {}

  bool initialize(const NamedParameter& parameter, Tensor& value) const override {
    if (!range_) return Linear::initialize(parameter, value);
    const double bound = 1 / std::sqrt(static_cast<double>(in_features()));
    if (value.dim() == 2) return fill_uniform(parameter, value, -bound, bound), true;
    return initialize_step_bias(parameter, value, *range_), true;
  }

 private:
  std::optional<StepRange> range_;
};

// N tokens, D channels, S states, R rank of the step sizes.
class Mamba : public Mixer {
 public:
  Mamba(const MambaSpec& spec, const LayerPlace& place)
      : spec_(spec),
        layer_(place.index),
        conv_(spec.inner, spec.conv_width, spec.conv_bias, /*silu=*/true),
        in_proj_(place.hidden_size, 2 * spec.inner, spec.bias),
        x_proj_(spec.inner, spec.step_rank + 2 * spec.state, false),
        dt_proj_(spec.step_rank, spec.inner, spec.initial_steps),
        a_log_(meta_parameter({spec.inner, spec.state})),
        d_(meta_parameter({spec.inner})),
        out_proj_(spec.inner, place.hidden_size, spec.bias) {
    register_parameter("A_log", a_log_);
    register_parameter("D", d_);
    register_module("conv1d", conv_);
    register_module("in_proj", in_proj_);
    register_module("x_proj", x_proj_);
    register_module("dt_proj", dt_proj_);
    register_module("out_proj", out_proj_);
    if (spec.inner_norm == MambaSpec::InnerNorm::kNone) return;
    const NormSpec norm{.eps = spec.inner_norm_eps, .affine = spec.inner_norm == MambaSpec::InnerNorm::kLearned};
    add_norm(dt_norm_, "dt_layernorm", spec.step_rank, norm);
    add_norm(b_norm_, "b_layernorm", spec.state, norm);
    add_norm(c_norm_, "c_layernorm", spec.state, norm);
  }

  std::string_view kind() const override { return "MambaMixer"; }

  double flops_per_token(int64_t) const override { return 8.0 * static_cast<double>(spec_.inner * spec_.state); }

  bool initialize(const NamedParameter& parameter, Tensor& value) const override {
    if (parameter.tensor == &a_log_) return initialize_rates(value), true;
    if (parameter.tensor == &d_) return value.fill_(1.0), true;
    return false;
  }

  Tensor forward(const Tensor& x, const LayerContext& context) override {
    std::vector<Tensor> parts = in_proj_.forward(in_compute_dtype(x)).chunk(2, 1);  // x, gate
    SelectiveScanInputs in;
    in.x = conv_.forward(parts[0], context, layer_, 0);
    std::vector<Tensor> chosen = x_proj_.forward(in.x).split_with_sizes({spec_.step_rank, spec_.state, spec_.state}, 1);
    in.dt = at::softplus(widened(dt_proj_.forward(normed(dt_norm_, chosen[0]))));
    in.b = normed(b_norm_, chosen[1]);
    in.c = normed(c_norm_, chosen[2]);
    in.a = -at::exp(widened(a_log_));
    in.d = widened(d_);
    StreamStates states(context, layer_, 1);
    Tensor y = selective_scan(in, context.stream->bounds, states.get());
    return out_proj_.forward(y * at::silu(parts[1]));
  }

 private:
  void add_norm(std::unique_ptr<Norm>& to, const char* name, int64_t width, const NormSpec& spec) {
    to = std::make_unique<Norm>(width, spec);
    if (spec.affine) register_module(name, *to);
  }

  static Tensor normed(const std::unique_ptr<Norm>& norm, const Tensor& x) { return norm ? norm->forward(x) : x; }

  MambaSpec spec_;
  int64_t layer_;
  CausalConv conv_;
  Linear in_proj_, x_proj_;
  StepProjection dt_proj_;
  Tensor a_log_, d_;  // D S, D
  std::unique_ptr<Norm> dt_norm_, b_norm_, c_norm_;
  Linear out_proj_;
};
}  // namespace

std::unique_ptr<Mixer> MambaSpec::build(const LayerPlace& place) const { return std::make_unique<Mamba>(*this, place); }

std::string MambaSpec::describe() const {
  return fmt::format("Mamba, {} channels of {} states, step sizes of rank {}, convolution over {} tokens", inner, state,
                     step_rank, conv_width);
}

void MambaSpec::validate() const {
  LF_CHECK(kFormat, inner > 0 && state > 0 && step_rank > 0 && conv_width > 0,
           "config.json: a Mamba layer needs positive sizes, not {}", describe());
}

}  // namespace lf
