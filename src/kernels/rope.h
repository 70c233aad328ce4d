// Rotary positions (Su et al. 2021, arXiv 2104.09864), half-split layout: dimension i turns together with i + E/2.
#pragma once
#include "tensor/tensor.h"

namespace lf {

/// x: N H E, cos and sin: N E/2 fp32 -> rotated x in its dtype. The gradient is the rotation back; cos and sin get
/// none.
Tensor apply_rope(const Tensor& x, const Tensor& cos, const Tensor& sin);
/// The twin, from ordinary operations.
Tensor apply_rope_reference(const Tensor& x, const Tensor& cos, const Tensor& sin);

}  // namespace lf
