// The two products of a linear layer without autograd, with the low-rank term taken along.
#pragma once
#include <c10/core/ScalarType.h>

#include "tensor/tensor.h"

namespace lf {

struct LowRankProduct {
  Tensor left;   // M r, in the compute dtype
  Tensor right;  // forward: N r; input gradient: r K
  double scale = 1.0;
};

/// x: M K, w: N K -> M N in `compute`.
Tensor linear_forward(const Tensor& x, const Tensor& w, const Tensor& bias, const LowRankProduct* low_rank,
                      c10::ScalarType compute);
/// g: M N, w: N K -> M K in `out`.
Tensor linear_input_gradient(const Tensor& g, const Tensor& w, const LowRankProduct* low_rank, c10::ScalarType compute,
                             c10::ScalarType out);

}  // namespace lf
