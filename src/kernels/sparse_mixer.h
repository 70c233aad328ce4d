// The weight of an expert that was drawn, with an estimated gradient of the draw (Liu et al. 2023, arXiv 2310.00811).
#pragma once
#include "tensor/tensor.h"

namespace lf {

/// logits: N X; id: N 1 int64, the drawn expert; probabilities: N X, of the draw; factor: N 1 -> N 1: factor * p[id].
/// The gradient of logits is that of p[id], without the factor: g p[id] (1{x = id} - p[x]).
Tensor sparse_mixer_weight(const Tensor& logits, const Tensor& id, const Tensor& probabilities, const Tensor& factor);

}  // namespace lf
