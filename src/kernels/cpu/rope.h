#pragma once
#include "tensor/tensor.h"

namespace lf::cpu {

/// x: N H E contiguous float or bf16; cos, sin: N E/2 fp32 contiguous. `direction` is 1, or -1 to rotate back.
Tensor rope(const Tensor& x, const Tensor& cos, const Tensor& sin, float direction);

}  // namespace lf::cpu
