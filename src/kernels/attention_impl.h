// Pieces shared by the attention paths.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "kernels/attention.h"
#include "tensor/tensor.h"

namespace lf {

/// A run of queries of one sequence with the keys that they may see.
struct AttentionBlock {
  int64_t query_begin, query_end;  // offsets into the stream
  int64_t key_begin, key_end;
  bool causal;  // square and causal; otherwise a band mask is needed
};

/// Splits sequences so that no block needs a mask larger than about window x window: one causal block per sequence, or
/// bands of queries where a sequence is longer than the window.
std::vector<AttentionBlock> attention_blocks(std::span<const int64_t> bounds, int64_t window);

/// Additive mask of a block (queries keys): 0 where a key is visible, -inf elsewhere. Undefined for causal blocks.
Tensor band_mask(const AttentionBlock& block, int64_t window, const at::TensorOptions& options);

/// T H E (or T K E) of some tokens as K G T E, without a copy; keys and values (G = 1 in memory) are repeated by stride
/// 0.
Tensor grouped_heads(const Tensor& x, int64_t kv_heads, int64_t groups);

/// Queries of one sequence against keys of it, from ordinary operations: qs K G t E, ks K T E, vs K T F -> K G t F.
/// Query i stands at key `first_query` + i. Scores are fp32 (fp64 for fp64 inputs).
Tensor scored_block(const Tensor& qs, const Tensor& ks, const Tensor& vs, int64_t first_query,
                    const AttentionOptions& options);

/// Attention with softcap, slopes or sinks, in tiles of queries: the backward pass computes the scores again, so that
/// only q, k and v are kept. Dropout is not available here.
Tensor scored_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                        const AttentionOptions& options);

}  // namespace lf
