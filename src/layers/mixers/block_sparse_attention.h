// Block-sparse attention with strided columns (Phi-3-small, arXiv 2404.14219): sequences are cut into blocks; a token
// sees the last few blocks up to its own, and of those before every stride-th one. Heads take turns in which ones.
// Legend: N tokens, H heads, K kv heads, E head width, t queries of T tokens.
#pragma once
#include <memory>

#include "layers/linear.h"
#include "layers/mixer.h"

namespace lf {

struct BlockSparsity {
  int64_t block = 64;         // tokens
  int64_t local_blocks = 16;  // the block of the query and those right before it
  int64_t stride = 8;         // of columns that all later queries see
  int64_t head_step = 1;      // head h sees block j where (j + 1 + h * head_step) % stride == 0; 0 = all heads the same
};

/// q: the last t of T tokens of one sequence, t H E; keys, values: K T E -> t H E. Scores and weights of what is not
/// seen do not exist, except within whole blocks.
Tensor block_sparse_attention(const Tensor& q, const Tensor& keys, const Tensor& values, double scale, double dropout,
                              const BlockSparsity& sparsity);

struct BlockSparseAttentionSpec final : MixerSpec {
  int64_t heads = 0, kv_heads = 0, head_dim = 0;
  double scale = 0;  // of q k^T; 0 = 1 / sqrt(head_dim)
  double dropout = 0;
  BlockSparsity sparsity;
  std::string fused = "query_key_value", output = "dense";

  std::string name() const override { return ""; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

class BlockSparseAttention : public Mixer {
 public:
  BlockSparseAttention(const BlockSparseAttentionSpec& spec, const LayerPlace& place);
  std::string_view kind() const override { return "Attention"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t length) const override;
  Tensor forward(const Tensor& x, const LayerContext& context) override;

 private:
  Tensor over_stream(const Tensor& q, const Tensor& k, const Tensor& v, const LayerContext& context, double dropout);

  BlockSparseAttentionSpec spec_;
  LayerPlace place_;
  double scale_;
  bool training_ = false;
  Linear qkv_proj_, dense_;
};

}  // namespace lf
