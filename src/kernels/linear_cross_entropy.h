// Cross entropy of a linear head in one node, in chunks of rows: logits of all rows never exist together, and the
// forward pass computes the gradients at once, since the labels are known. After Wijmans et al. 2024 (arXiv 2411.09009)
// and Hsu et al. 2024 (Liger, arXiv 2410.10989). Legend: N rows, D model, V vocabulary.
#pragma once
#include <c10/core/ScalarType.h>

#include "tensor/tensor.h"

namespace lf {

struct LinearCrossEntropyKernelOptions {
  c10::ScalarType compute = c10::ScalarType::Float;  // type of logits and of the products; sums are fp32
  double label_smoothing = 0;
  double softcap = 0;               // logits become cap * tanh(logit / cap); 0 = not
  int64_t chunk_bytes = 128 << 20;  // logits alive at once
};

struct TokenLosses {
  Tensor losses;   // N fp32
  Tensor correct;  // N bool: the target has the largest logit
};

/// hidden: N D, weight: V D, bias: V or undefined, targets: N int64 in [0, V) -> sum of the losses, scalar fp32.
/// Gradients flow to hidden, weight and bias where they are wanted; backward runs once. Fills `tokens` when given.
Tensor linear_cross_entropy_sum(const Tensor& hidden, const Tensor& weight, const Tensor& bias, const Tensor& targets,
                                const LinearCrossEntropyKernelOptions& options, TokenLosses* tokens = nullptr);

}  // namespace lf
