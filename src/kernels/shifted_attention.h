// Shifted sparse attention (S2-Attn of LongLoRA, Chen et al. 2023, arXiv 2309.12307, as its published code has it): a
// sequence is cut into groups, and attention is causal inside a group. The second half of the heads sees the sequence
// rolled by half a group, so that its groups overlap those of the first half. For training only.
//
// N tokens, H heads, K kv heads, E head width. A sequence of L tokens has groups of g = ceil(L / 8) * 8 * ratio tokens
// (L / 4 where L is a multiple of 8, to which upstream pads its rows; without padding the last group is shorter). Head
// h < H / 2 sees groups [0, g), [g, 2g), ...; the others see them in the rolled order g/2, g/2 + 1, ..., L - 1, 0, ...,
// g/2 - 1: their last group holds the end of the sequence and then its first half group. In it the first tokens see the
// last ones; that is how the published code (and LLaMA-Factory) trains. The paper's remark that a mask prevents it is
// `wrap = false`: then the first half group stands alone.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

struct ShiftedAttentionOptions {
  double scale = 1.0;    // of q k^T
  double dropout = 0.0;  // on the weights
  double ratio = 0.25;   // group size over sequence length
  bool wrap = true;      // the rolled sequence is a ring
};

/// Tokens in a group of a sequence of `length` tokens; even and at least 2.
int64_t shifted_group_size(int64_t length, double ratio);

/// q: N H E, k and v: N K E (H a multiple of K), bounds: S+1 offsets -> N H E. Gradients flow to q, k, v. kConfig when
/// ratio is not in (0, 1].
Tensor shifted_attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                         const ShiftedAttentionOptions& options);
/// The plain definition: roll, cut into groups, attend, roll back, sequence by sequence.
Tensor shifted_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const int64_t> bounds,
                                   const ShiftedAttentionOptions& options);

}  // namespace lf
