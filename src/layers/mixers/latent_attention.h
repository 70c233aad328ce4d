// Multi-head latent attention (DeepSeek-AI 2024, arXiv 2405.04434): keys and values come from one narrow vector of each
// token, queries optionally from another. A part of each key, the same for all heads, carries the rotary position.
// Legend: N tokens, H heads, E = P + R key width, P plain part, R rotated part, V value width.
#pragma once
#include <memory>

#include "kernels/attention.h"
#include "layers/linear.h"
#include "layers/mixer.h"
#include "layers/norm.h"
#include "layers/specs.h"

namespace lf {

struct LatentAttentionSpec final : MixerSpec {
  int64_t heads = 0;
  int64_t query_rank = 0;  // of the narrow query vector; 0 = queries come from the hidden state directly
  int64_t kv_rank = 0;
  int64_t plain_width = 0, rotated_width = 0, value_width = 0;  // of each head
  bool bias = false;                                            // of the projections from and to the hidden state
  NormSpec norm;                                                // of the narrow vectors
  double scale = 0;                                             // of q k^T; 0 = 1 / sqrt(plain_width + rotated_width)
  double dropout = 0;

  std::string name() const override { return ""; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

class LatentAttention : public Mixer {
 public:
  LatentAttention(const LatentAttentionSpec& spec, const LayerPlace& place);
  std::string_view kind() const override { return "Attention"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t length) const override;

  Tensor forward(const Tensor& x, const LayerContext& context) override;

 private:
  struct Heads {
    Tensor q, k, v;  // N H E, N H E, N H V
  };
  Tensor queries(const Tensor& x);
  Heads project(const Tensor& x, const LayerContext& context);
  Tensor cached(const Heads& heads, const AttentionOptions& options, const LayerContext& context) const;

  LatentAttentionSpec spec_;
  LayerPlace place_;
  double scale_;
  bool training_ = false;
  std::unique_ptr<Linear> q_proj_, q_a_proj_, q_b_proj_;
  std::unique_ptr<Norm> q_a_norm_;
  Linear kv_a_proj_;
  Norm kv_a_norm_;
  Linear kv_b_proj_, o_proj_;
};

}  // namespace lf
