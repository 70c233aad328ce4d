// What recurrent mixers are made of: a causal convolution, a gated norm, and the states that a cache keeps for them.
#pragma once
#include "kernels/segmented_scan.h"
#include "layers/context.h"
#include "tensor/module.h"

namespace lf {

/// The states number `slot` of the sequences of a stream: taken from the cache, put back when this goes out of scope.
class StreamStates {
 public:
  StreamStates(const LayerContext& context, int64_t layer, int64_t slot);
  ~StreamStates();
  StreamStates(const StreamStates&) = delete;
  StreamStates& operator=(const StreamStates&) = delete;
  /// Null without a cache.
  SequenceStates* get() { return context_.cache ? &states_ : nullptr; }

 private:
  Tensor& stored(size_t sequence) const;

  const LayerContext& context_;
  int64_t layer_, slot_;
  SequenceStates states_;
};

/// A depthwise Conv1d over the tokens before (kernels/short_conv.h), with a Conv1d's parameters.
class CausalConv : public Module {
 public:
  CausalConv(int64_t channels, int64_t width, bool has_bias, bool silu);
  std::string_view kind() const override { return "Conv1d"; }
  double flops_per_token(int64_t) const override { return 2.0 * static_cast<double>(weight_.numel()); }
  /// x: N C -> N C. `slot`: where the cache keeps its state.
  Tensor forward(const Tensor& x, const LayerContext& context, int64_t layer, int64_t slot) const;

 private:
  bool silu_;
  Tensor weight_, bias_;  // C 1 W, C
};

struct GatedNormSpec {
  double eps = 1e-6;
  int64_t groups = 1;      // each part of width / groups has a mean of its own
  bool gate_first = true;  // norm(x silu(gate)); else norm(x) silu(gate)
};

/// RMS norm with a gate: fp32 inside, rounded once.
class GatedNorm : public Module {
 public:
  GatedNorm(int64_t width, const GatedNormSpec& spec);
  std::string_view kind() const override { return "RMSNorm"; }
  bool initialize(const NamedParameter&, Tensor& value) const override { return value.fill_(1.0), true; }
  /// x, gate: ... width -> the same, in x's dtype.
  Tensor forward(const Tensor& x, const Tensor& gate) const;

 private:
  GatedNormSpec spec_;
  Tensor weight_;
};

/// A parameter on the meta device.
Tensor meta_parameter(at::IntArrayRef shape);
/// fp32, unless it is double.
Tensor widened(const Tensor& x);
/// x in the dtype that products run in.
Tensor in_compute_dtype(const Tensor& x);

/// Uniform numbers that depend on nothing but the parameter's name: how recurrences start before training from scratch.
void fill_uniform(const NamedParameter& parameter, Tensor& value, double low, double high);
/// As state space layers start: biases of the step size such that softplus gives e^u, u uniform between the logarithms
/// of `least` and `most`.
struct StepRange {
  double least = 0.001, most = 0.1, floor = 1e-4;
};
void initialize_step_bias(const NamedParameter& parameter, Tensor& value, const StepRange& range);
/// log(1), log(2), ... along the last dimension.
void initialize_rates(Tensor& value);

}  // namespace lf
