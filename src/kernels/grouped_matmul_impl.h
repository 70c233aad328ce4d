// libtorch's grouped product (at::_grouped_mm), in the shapes of kernels/grouped_matmul.h. bf16; on CUDA one kernel for
// all experts. Public to tests, which run it on the CPU.
#pragma once
#include <vector>

#include "tensor/tensor.h"

namespace lf {

/// Whether `left` and `right` (bf16, rows of both a multiple of 16 bytes wide) can go through it on their device.
bool fits_libtorch_grouped(const Tensor& left, const Tensor& right);

Tensor libtorch_grouped_nt(const Tensor& x, const Tensor& w, const std::vector<int64_t>& bounds);
Tensor libtorch_grouped_nn(const Tensor& g, const Tensor& w, const std::vector<int64_t>& bounds);
Tensor libtorch_grouped_tn(const Tensor& g, const Tensor& x, const std::vector<int64_t>& bounds);

}  // namespace lf
