// Softmax cross entropy over rows of logits, and its gradient in their place.
#pragma once
#include <cstdint>

#include "tensor/tensor.h"

namespace lf::cpu {

/// logits: C V, contiguous, float, bf16 or fp16; targets: C, each in [0, V). Writes losses (C) and whether the target
/// has the largest logit (C bytes). With `gradient`, logits become d loss / d logits, rounded to their type.
void cross_entropy_rows(Tensor& logits, const int64_t* targets, double smoothing, bool gradient, float* losses,
                        bool* correct);

}  // namespace lf::cpu
