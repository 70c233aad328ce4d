// The experts of a mixture in one autograd node: rows are sorted by expert, each expert's rows go through its two
// matrices, and come back weighted. Keeps x and what the first matrix gives, and computes only gradients that are
// wanted. Legend: N tokens, K experts of each, S = N K rows, X experts, D model, P width of the first product (2 F
// where gate and up are stacked), F width of the second one's input.
#pragma once
#include <c10/core/ScalarType.h>

#include <functional>

#include "tensor/tensor.h"

namespace lf {

struct ExpertWeights {
  Tensor up;         // X P D, or X D P when transposed
  Tensor down;       // X D F, or X F D when transposed
  Tensor up_bias;    // X P or undefined
  Tensor down_bias;  // X D or undefined
  bool transposed = false;
};

struct ExpertOptions {
  c10::ScalarType compute = c10::ScalarType::Float;  // operands are rounded to it; sums are fp32
  /// S P -> S F, from differentiable operations; empty = silu(first half) * second half.
  std::function<Tensor(const Tensor&)> activation;
  bool weigh_input = false;  // weights multiply what enters an expert, not what it gives (Llama 4)
};

/// x: N D, ids: N K int64 (a token's experts, each once), weights: N K fp32 -> N D in `compute`:
/// sum over k of weights[n, k] * expert[ids[n, k]](x[n]). Gradients flow to x, weights and the expert weights.
Tensor moe_experts(const Tensor& x, const Tensor& ids, const Tensor& weights, const ExpertWeights& experts,
                   const ExpertOptions& options);
/// The twin: expert by expert, from ordinary operations.
Tensor moe_experts_reference(const Tensor& x, const Tensor& ids, const Tensor& weights, const ExpertWeights& experts,
                             const ExpertOptions& options);

}  // namespace lf
