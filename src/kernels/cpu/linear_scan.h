#pragma once
#include "tensor/tensor.h"

namespace lf::cpu {

/// h_t = a_t h_(t-1) + b_t. a, b: T ..., h0: ..., contiguous float -> T ....
Tensor linear_scan(const Tensor& a, const Tensor& b, const Tensor& h0);

}  // namespace lf::cpu
