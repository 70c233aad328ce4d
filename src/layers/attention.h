// Self-attention over a token stream: grouped heads, projections in any published layout, query and key norms, rotary
// positions or ALiBi, sliding window, key-value cache.
#pragma once
#include <memory>

#include "kernels/attention.h"
#include "layers/linear.h"
#include "layers/mixer.h"
#include "layers/norm.h"
#include "layers/specs.h"

namespace lf {

/// Slope of each head (Press et al. 2021, arXiv 2108.12409): H fp32.
Tensor alibi_slopes(int64_t heads, double max_bias);

class Attention : public Mixer {
 public:
  Attention(const AttentionSpec& spec, const NormSpec& norm, const LayerPlace& place);
  std::string_view kind() const override { return "Attention"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t length) const override;

  Tensor forward(const Tensor& x, const LayerContext& context) override;

 private:
  struct Projected {
    Tensor q, k, v;  // N H E, N K E, N K F
    Tensor gate;     // N (H E), or undefined
  };
  void add_projections(int64_t hidden_size);
  void add_norms(const NormSpec& norm);
  Projected project(const Tensor& x);
  Projected split(const Tensor& fused) const;
  int64_t value_width() const { return spec_.value_dim > 0 ? spec_.value_dim : spec_.head_dim; }
  Tensor normed(const std::unique_ptr<Norm>& norm, const Tensor& x) const;
  void place_in_sequence(Projected& p, const LayerContext& context) const;
  AttentionOptions options(const Tensor& like) const;
  Tensor attended(const Projected& p, const LayerContext& context) const;
  Tensor cached(const Projected& p, const AttentionOptions& options, const LayerContext& context) const;

  AttentionSpec spec_;
  LayerPlace place_;
  double scale_;
  bool training_ = false;
  std::unique_ptr<Linear> q_proj_, k_proj_, v_proj_, qkv_proj_, o_proj_;
  std::unique_ptr<Norm> q_norm_, k_norm_;
  Tensor sinks_;   // H
  Tensor slopes_;  // H fp32, on the CPU
};

}  // namespace lf
