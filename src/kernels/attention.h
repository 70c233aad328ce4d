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
  double softcap = 0.0;  // scores become cap * tanh(score / cap); 0 = not (Gemma 2, arXiv 2408.00118)
  Tensor slopes;  // H fp32: slope * (key index - query index) is added (ALiBi, arXiv 2108.12409); may be undefined
  Tensor sinks;   // H: one more score in each softmax, of a key without value (gpt-oss); may be undefined

  /// Whether scores are more than scaled products, so that flash kernels do not apply.
  bool has_own_scores() const { return softcap != 0 || slopes.defined() || sinks.defined(); }
};

/// q: N H E, k: N K E, v: N K F (H a multiple of K), bounds: S+1 offsets -> N H F. Gradients flow to q, k, v and sinks.
Tensor varlen_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                        const AttentionOptions& options);
/// The twin: softmax(q k^T) v sequence by sequence, from ordinary operations.
Tensor varlen_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                                  const AttentionOptions& options);

/// Decoding: the last t of T tokens of one sequence. q: t H E; keys: K T E, values: K T F -> t H F. No gradients.
Tensor cached_attention(const Tensor& q, const Tensor& keys, const Tensor& values, const AttentionOptions& options);

}  // namespace lf
