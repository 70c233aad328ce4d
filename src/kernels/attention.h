// Causal self-attention over a stream of sequences given by bounds. No mask over the whole stream exists.
#pragma once
#include <cstdint>
#include <span>

#include "tensor/tensor.h"

namespace lf {

struct AttentionOptions {
  double scale = 1.0;    // of q k^T
  int64_t window = 0;    // a token sees itself and the window-1 before it; 0 = all before it
  double dropout = 0.0;  // on the weights; 0 outside training
};

/// q: N H E, k and v: N K E (H a multiple of K), bounds: S+1 offsets -> N H E. Gradients flow to q, k, v.
Tensor varlen_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                        const AttentionOptions& options);
/// The twin: softmax(q k^T) v sequence by sequence, from ordinary operations.
Tensor varlen_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                                  const AttentionOptions& options);

/// Decoding: the last t of T tokens of one sequence. q: t H E; keys, values: K T E -> t H E. No gradients.
Tensor cached_attention(const Tensor& q, const Tensor& keys, const Tensor& values, const AttentionOptions& options);

}  // namespace lf
