// The gated delta rule (Yang et al. 2024, arXiv 2412.06464), the recurrence of Gated DeltaNet: the state forgets by
// e^(g_t), then what it returns for k_t moves by beta_t towards v_t:
//   S_t = e^(g_t) S_(t-1) + beta_t k_t (v_t - e^(g_t) S_(t-1)^T k_t)^T,   out_t = S_t^T q_t.
// Computed in chunks of 64 tokens: within a chunk the corrections solve a triangular system (the WY form).
// N tokens, G key heads, H value heads (a multiple of G), K key width, V value width.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/segmented_scan.h"
#include "tensor/tensor.h"

namespace lf {

struct GatedDeltaInputs {
  Tensor q, k;  // N G K; made unit vectors inside (l2_norm), then q is divided by sqrt(K)
  Tensor v;     // N H V
  Tensor g;     // N H fp32: log of the decay, at most 0
  Tensor beta;  // N H
};
/// -> N H V in v's dtype. State of a sequence: H K V.
Tensor gated_delta_rule(const GatedDeltaInputs& in, std::span<const int64_t> bounds, SequenceStates* states = nullptr);
/// The twin: token by token.
Tensor gated_delta_rule_reference(const GatedDeltaInputs& in, std::span<const int64_t> bounds);

/// x / sqrt(sum(x^2) + eps) over the last dimension.
Tensor l2_norm(const Tensor& x, double eps = 1e-6);

}  // namespace lf
