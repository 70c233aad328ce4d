// Fused RMS norm over contiguous rows, fp32 or bf16 (x and weight alike).
#pragma once
#include <utility>

#include "tensor/tensor.h"

namespace lf::cpu {

/// x: M D, weight: D -> y: M D and 1/rms: M fp32.
std::pair<Tensor, Tensor> rms_norm_forward(const Tensor& x, const Tensor& weight, double eps);
/// dy: M D -> dx: M D.
Tensor rms_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight, const Tensor& inverse_rms);

}  // namespace lf::cpu
