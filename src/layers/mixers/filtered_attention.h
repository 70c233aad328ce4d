// Localized filtering attention (Wu et al. 2023, arXiv 2311.15786: Yuan 2.0): queries and keys come from the input
// after two causal convolutions over neighbouring tokens. Legend: N tokens, H heads, E head width, D model.
#pragma once
#include <memory>

#include "kernels/attention.h"
#include "layers/linear.h"
#include "layers/mixer.h"
#include "layers/norm.h"

namespace lf {

struct FilteredAttentionSpec final : MixerSpec {
  int64_t heads = 0, head_dim = 0;
  double dropout = 0;

  std::string name() const override { return ""; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

/// y_t = W0 x_{t-1} + W1 x_t + b, with 0 before the start. Checkpoints hold a Conv2d: `weight` (out in 2 1), `bias`.
class PairConvolution : public Module {
 public:
  PairConvolution(int64_t in, int64_t out);
  std::string_view kind() const override { return "Conv2d"; }
  double flops_per_token(int64_t) const override { return 4.0 * static_cast<double>(in_ * out_); }
  /// x, previous: N in -> N out.
  Tensor forward(const Tensor& x, const Tensor& previous) const;

 private:
  int64_t in_, out_;
  Tensor weight_, bias_;
};

/// norm(x + conv2(conv1(x))); "lf_gate" in checkpoints.
class LocalFilter : public Module {
 public:
  explicit LocalFilter(int64_t width);
  /// x: N D -> N D. A cache keeps the last inputs of both convolutions (slots 0 and 1).
  Tensor forward(const Tensor& x, const LayerContext& context, int64_t layer);

 private:
  PairConvolution first_, second_;
  Norm norm_;
};

class FilteredAttention : public Mixer {
 public:
  FilteredAttention(const FilteredAttentionSpec& spec, const LayerPlace& place);
  std::string_view kind() const override { return "Attention"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t length) const override;
  Tensor forward(const Tensor& x, const LayerContext& context) override;

 private:
  std::pair<Tensor, Tensor> queries_and_keys(const Tensor& filtered, const LayerContext& context);

  FilteredAttentionSpec spec_;
  LayerPlace place_;
  bool training_ = false;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  LocalFilter filter_;
};

}  // namespace lf
