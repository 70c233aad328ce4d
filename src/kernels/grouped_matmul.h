// Products of rows that are grouped by expert with stacked weights, one matrix for each expert. A row meets its own
// expert's matrix only, and an expert without rows costs nothing. After Gale et al. 2022 (MegaBlocks, arXiv
// 2211.15841). No autograd here; see kernels/moe_experts.h. Legend: N tokens, K experts of each, S = N K rows, X
// experts.
#pragma once
#include <c10/core/ScalarType.h>

#include <vector>

#include "tensor/tensor.h"

namespace lf {

/// Where each row of N tokens with K experts each goes when rows are sorted by expert (stable: tokens in order).
struct ExpertRows {
  Tensor order;                 // S int64: slot n * K + k of each sorted row
  Tensor token;                 // S int64: n of each sorted row
  Tensor position;              // S int64: sorted row of each slot
  std::vector<int64_t> bounds;  // X + 1: rows [bounds[x], bounds[x + 1]) belong to expert x
};

/// ids: N K int64, each in [0, experts). Throws kInternal where one is not.
ExpertRows sort_by_expert(const Tensor& ids, int64_t experts);

/// y = x w[x]^T + bias[x]. x: S K, w: X N K, bias: X N or undefined -> S N in `out`. Operands count as rounded to
/// `compute`, as in kernels/matmul.h.
Tensor grouped_matmul_nt(const Tensor& x, const Tensor& w, const std::vector<int64_t>& bounds, c10::ScalarType compute,
                         c10::ScalarType out, const Tensor& bias = {});
/// y = g w[x] + bias[x]. g: S N, w: X N K, bias: X K or undefined -> S K in `out`.
Tensor grouped_matmul_nn(const Tensor& g, const Tensor& w, const std::vector<int64_t>& bounds, c10::ScalarType compute,
                         c10::ScalarType out, const Tensor& bias = {});
/// y[x] = g^T x over the rows of each expert. g: S N, x: S K -> X N K in `out`; zero for experts without rows.
Tensor grouped_matmul_tn(const Tensor& g, const Tensor& x, const std::vector<int64_t>& bounds, c10::ScalarType compute,
                         c10::ScalarType out);

}  // namespace lf
