// RMS norm (Zhang & Sennrich 2019, arXiv 1910.07467) as Hugging Face computes it: fp32 inside, rounded to the input's
// dtype before the weight is applied.
#pragma once
#include "tensor/tensor.h"

namespace lf {

/// x: ... D, weight: D -> weight * (x / sqrt(mean(x^2) + eps)). The dtype is that of x and weight combined.
Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps);
/// The twin, from ordinary operations.
Tensor rms_norm_reference(const Tensor& x, const Tensor& weight, double eps);

}  // namespace lf
