// Self-attention over a token stream: grouped heads, optional biases, per-head norms, sliding window, key-value cache.
#pragma once
#include <memory>

#include "layers/kv_cache.h"
#include "layers/linear.h"
#include "layers/rms_norm.h"
#include "layers/rope/rope.h"
#include "layers/specs.h"
#include "layers/token_stream.h"

namespace lf {

/// What the layers of one forward pass share.
struct LayerContext {
  const TokenStream* stream = nullptr;
  RopeTable rope;
  Tensor query_scale;        // N fp32, or undefined
  KvCache* cache = nullptr;  // decode: keys and values of earlier tokens
  double shift_ratio = 0;    // in training: group size over length of kernels/shifted_attention.h; 0 = full attention
};

class Attention : public Module {
 public:
  Attention(const AttentionSpec& spec, const NormSpec& norm, int64_t hidden_size, int64_t layer, int64_t window);
  std::string_view kind() const override { return "Attention"; }
  void set_training(bool training) override { training_ = training; }

  /// x: N D -> N D.
  Tensor forward(const Tensor& x, const LayerContext& context);

 private:
  Tensor cached(const Tensor& q, const Tensor& k, const Tensor& v, const LayerContext& context) const;

  AttentionSpec spec_;
  int64_t layer_, window_;
  double scale_;
  bool training_ = false;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  std::unique_ptr<RmsNorm> q_norm_, k_norm_;
};

}  // namespace lf
