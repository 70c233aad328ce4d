// Llama 4's attention: queries and keys are normed without weights after the rotation, a token sees only what is in its
// own chunk of the sequence, and layers without rotary positions see everything but sharpen queries far from the start
// (Nakanishi 2025, arXiv 2501.19399). Legend: N tokens, H heads, K kv heads, E head width.
#pragma once
#include <memory>

#include "kernels/attention.h"
#include "layers/linear.h"
#include "layers/mixer.h"
#include "layers/norm.h"
#include "layers/specs.h"

namespace lf {

struct ChunkedAttentionSpec final : MixerSpec {
  int64_t heads = 0, kv_heads = 0, head_dim = 0;
  bool bias = false;
  bool qk_norm = false;  // x / rms(x), without weights
  double norm_eps = 1e-5;
  int64_t chunk = 0;      // tokens; 0 = the whole sequence is one chunk
  double scale_beta = 0;  // queries are multiplied by 1 + beta log(1 + floor((p + 1) / scale_length)); 0 = not
  int64_t scale_length = 8192;
  double dropout = 0;

  std::string name() const override { return ""; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

class ChunkedAttention : public Mixer {
 public:
  ChunkedAttention(const ChunkedAttentionSpec& spec, const LayerPlace& place);
  std::string_view kind() const override { return "Attention"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t length) const override;

  Tensor forward(const Tensor& x, const LayerContext& context) override;

 private:
  Tensor placed(const Tensor& x, const LayerContext& context) const;
  Tensor query_scale(const Tensor& positions) const;
  Tensor cached(const Tensor& q, const Tensor& k, const Tensor& v, const AttentionOptions& options,
                const LayerContext& context) const;

  ChunkedAttentionSpec spec_;
  LayerPlace place_;
  bool training_ = false;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  std::unique_ptr<Norm> norm_;
};

/// The offsets with every sequence cut into chunks, counted from its start.
std::vector<int64_t> chunked_bounds(const std::vector<int64_t>& bounds, int64_t chunk);

}  // namespace lf
