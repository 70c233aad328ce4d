// Causal depthwise convolution over a few tokens (2 to 4), as it stands before the recurrence of most state space
// layers and in LFM2.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/segmented_scan.h"
#include "tensor/tensor.h"

namespace lf {

struct ShortConvOptions {
  bool silu = false;  // applied to the result
};

/// x: N C, weight: C 1 W (a Conv1d's; the last tap meets the token itself), bias: C or undefined -> N C in x's dtype,
/// fp32 inside. Tokens before the first of a sequence count as zero. State of a sequence: its last W-1 inputs (W-1 C).
Tensor short_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int64_t> bounds,
                  const ShortConvOptions& options, SequenceStates* states = nullptr);
/// The twin: token by token, from ordinary operations.
Tensor short_conv_reference(const Tensor& x, const Tensor& weight, const Tensor& bias, std::span<const int64_t> bounds,
                            const ShortConvOptions& options);

}  // namespace lf
