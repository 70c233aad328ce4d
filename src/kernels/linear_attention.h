// Linear attention with a decay for each head: state_t = e^(g_t) state_(t-1) + k_t v_t^T, out_t = q_t state_t. Computed
// in chunks of 64 tokens by matrix products. Mamba-2's state space dual (Dao & Gu 2024, arXiv 2405.21060) and lightning
// attention (Qin et al. 2024, arXiv 2401.04658) are both of this form.
// N tokens, G groups, H heads (a multiple of G), K key width, V value width.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/segmented_scan.h"
#include "tensor/tensor.h"

namespace lf {

struct SsdInputs {
  Tensor x;     // N H V
  Tensor dt;    // N H fp32: step sizes, positive
  Tensor b, c;  // N G K
  Tensor a;     // H fp32: negative rates
  Tensor d;     // H fp32: weight of x in the output
};
/// Mamba-2: g = a dt, k = b, v = dt x, q = c, and d x is added -> N H V in x's dtype. State of a sequence: H K V.
Tensor ssd_scan(const SsdInputs& in, std::span<const int64_t> bounds, SequenceStates* states = nullptr);
/// The twin: token by token.
Tensor ssd_scan_reference(const SsdInputs& in, std::span<const int64_t> bounds);

/// q, k: N H K, v: N H V, slopes: H (positive; g = -slope at every token) -> N H V in v's dtype. State: H K V.
Tensor lightning_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& slopes,
                           std::span<const int64_t> bounds, SequenceStates* states = nullptr);
/// The twin: token by token.
Tensor lightning_attention_reference(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& slopes,
                                     std::span<const int64_t> bounds);

}  // namespace lf
