// y = x W^T + b, with an optional low-rank term s (dropout(x) A^T) B^T in the same node: one read of x, one write of y,
// and in the backward pass only the gradients that are wanted (for a frozen base: dx, dA, dB). Keeps x and x A^T,
// nothing of size M N. LoRA: Hu et al. 2021, arXiv 2106.09685.
#pragma once
#include <c10/core/ScalarType.h>

#include "tensor/tensor.h"

namespace lf {

struct LowRankTermOptions {
  Tensor a;  // r K
  Tensor b;  // N r
  double scale = 1.0;
  double dropout = 0.0;  // on x; 0 outside training
};

/// x: ... K, w: N K, bias: N or undefined -> ... N in `compute`. Operands are rounded to `compute`; sums are fp32.
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias, c10::ScalarType compute);
/// The same with a low-rank term.
Tensor lora_linear(const Tensor& x, const Tensor& w, const Tensor& bias, const LowRankTermOptions& low_rank,
                   c10::ScalarType compute);

/// The twin, from ordinary operations.
Tensor lora_linear_reference(const Tensor& x, const Tensor& w, const Tensor& bias, const LowRankTermOptions& low_rank,
                             c10::ScalarType compute);

}  // namespace lf
