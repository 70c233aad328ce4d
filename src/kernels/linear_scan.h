// The elementwise linear recurrence h_t = a_t h_(t-1) + b_t, and what is built on it.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/segmented_scan.h"
#include "tensor/tensor.h"

namespace lf {

/// One sequence. a, b: T ..., h0: ... (the state before) -> all states, T .... Gradients flow to all three. fp32 or
/// double.
Tensor linear_scan(const Tensor& a, const Tensor& b, const Tensor& h0);
/// The twin: token by token.
Tensor linear_scan_reference(const Tensor& a, const Tensor& b, const Tensor& h0);

/// The recurrence of a gated linear unit (Griffin, De et al. 2024, arXiv 2402.19427). a, b: N D fp32 -> N D. State: D.
Tensor gated_recurrence(const Tensor& a, const Tensor& b, std::span<const int64_t> bounds,
                        SequenceStates* states = nullptr);

/// N tokens, D channels, S states of each channel.
struct SelectiveScanInputs {
  Tensor x;     // N D
  Tensor dt;    // N D fp32: step sizes, positive
  Tensor a;     // D S fp32: negative rates
  Tensor b, c;  // N S
  Tensor d;     // D fp32: weight of x in the output
};
/// Mamba (Gu & Dao 2023, arXiv 2312.00752): h_t = e^(dt a) h_(t-1) + dt b_t x_t, y_t = c_t h_t + d x_t -> N D in x's
/// dtype. State of a sequence: D S.
Tensor selective_scan(const SelectiveScanInputs& in, std::span<const int64_t> bounds, SequenceStates* states = nullptr);
/// The twin: token by token.
Tensor selective_scan_reference(const SelectiveScanInputs& in, std::span<const int64_t> bounds);

}  // namespace lf
