// Cross entropy of a linear head, in chunks, without storing logits. Returns sum and count so that callers normalise.
// Legend: N tokens, D model, V vocabulary.
#pragma once
#include <cstdint>

#include "kernels/linear_cross_entropy.h"
#include "objectives/loss_output.h"

namespace lf {

struct LinearCrossEntropyOptions {
  int64_t ignore_index = -100;      // targets that take no part; their rows are left out before the product
  double label_smoothing = 0;       // mass spread over the vocabulary (transformers' LabelSmoother)
  double softcap = 0;               // logits become cap * tanh(logit / cap); 0 = not
  int64_t chunk_bytes = 128 << 20;  // logits alive at once
  Tensor bias;                      // V, of the head; usually undefined
  TokenLosses* tokens = nullptr;    // filled when given: N losses (0 where ignored) and N flags (false where ignored)
};

/// hidden: N D, weight: V D, targets: N int64. Logits have the type of ComputeDtype::current(), or that of hidden and
/// weight; losses are fp32. Gradients flow to hidden, weight and bias. kData when a target is outside the vocabulary.
LossOutput linear_cross_entropy(const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                                const LinearCrossEntropyOptions& options = {});

/// The twin, from ordinary operations: all logits at once.
LossOutput cross_entropy_reference(const Tensor& hidden, const Tensor& weight, const Tensor& targets,
                                   const LinearCrossEntropyOptions& options = {});

/// The same loss of logits that exist already (heads that are not one dense product), biased and capped already.
/// logits: N V, targets: N.
LossOutput cross_entropy(const Tensor& logits, const Tensor& targets, const LinearCrossEntropyOptions& options = {});

}  // namespace lf
