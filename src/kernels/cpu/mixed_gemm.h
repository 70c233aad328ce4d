// Products on the CPU through fp32 tiles (see kernels/matmul.h). All matrices are contiguous 2-D CPU tensors of float,
// bf16 or fp16.
#pragma once
#include <c10/core/ScalarType.h>

#include "tensor/tensor.h"

namespace lf::cpu {

/// A low-rank term added to a product before it is rounded: out += scale * left right, both fp32.
struct LowRankTerm {
  Tensor left;   // M r
  Tensor right;  // nt: N r (used transposed); nn: r K
  double scale = 1.0;
};

/// x: M K, w: N K, bias: N or undefined -> M N in `out`. `rounded`: fp32 operands are rounded to bf16 first.
Tensor mixed_nt(const Tensor& x, const Tensor& w, const Tensor& bias, bool rounded, c10::ScalarType out,
                const LowRankTerm* low_rank = nullptr);
/// g: M N, w: N K -> M K in `out`.
Tensor mixed_nn(const Tensor& g, const Tensor& w, bool rounded, c10::ScalarType out,
                const LowRankTerm* low_rank = nullptr);
/// g: M N, x: M K -> N K in `out`.
Tensor mixed_tn(const Tensor& g, const Tensor& x, bool rounded, c10::ScalarType out);

/// The matrix as fp32; itself when it already is and needs no rounding.
Tensor widened(const Tensor& matrix, bool rounded);

/// A few rows against a large weight (decoding): w is read once, in its own type.
Tensor mixed_gemv(const Tensor& x, const Tensor& w, const Tensor& bias, bool rounded, c10::ScalarType out);
constexpr int64_t kGemvRows = 3;  // from 4 rows on, tiles are faster (bench/kernels/linear_bench.cpp)

}  // namespace lf::cpu
