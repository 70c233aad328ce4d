// Matrix products whose operands may be stored in a narrower type than fp32. On CPUs without bf16 instructions
// libtorch's own bf16 product is about seven times slower than fp32 (measured: 19 against 140 GFLOP/s, two Zen cores),
// so there tiles of the operands are widened to fp32, multiplied and accumulated in fp32, and rounded once at the end:
// the numbers of a bf16 product with fp32 sums. No autograd here; see kernels/linear.h.
#pragma once
#include <c10/core/ScalarType.h>

#include "tensor/tensor.h"

namespace lf {

/// Whether this CPU multiplies bf16 in hardware (AVX512-BF16 or AMX).
bool cpu_has_bf16_products();

/// y = x w^T. x: M K, w: N K -> M N in `out`. Operands count as rounded to `compute` (fp32 or bf16/fp16); sums are
/// fp32.
Tensor matmul_nt(const Tensor& x, const Tensor& w, c10::ScalarType compute, c10::ScalarType out);
/// y = g w. g: M N, w: N K -> M K in `out`.
Tensor matmul_nn(const Tensor& g, const Tensor& w, c10::ScalarType compute, c10::ScalarType out);
/// y = g^T x, summed over rows. g: M N, x: M K -> N K in `out` (fp32 for gradients of fp32 weights).
Tensor matmul_tn(const Tensor& g, const Tensor& x, c10::ScalarType compute, c10::ScalarType out);

}  // namespace lf
