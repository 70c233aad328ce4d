// Rows of a mixture of experts, brought together again.
#pragma once
#include "tensor/tensor.h"

namespace lf::cpu {

/// rows: S D contiguous, float or bf16; position: N K, the row of each slot; weights: N K fp32 or undefined (= 1)
/// -> N D: each token's rows, weighted and added in fp32 in the order of k.
Tensor combine_rows(const Tensor& rows, const Tensor& position, const Tensor& weights);

}  // namespace lf::cpu
