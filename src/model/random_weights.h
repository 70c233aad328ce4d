// Weights of a model that is trained from scratch.
#pragma once
#include "model/loader.h"

namespace lf {

/// As Hugging Face initialises: normal(0, initializer_range), norms 1, biases and the padding row 0. Numbers are drawn
/// on the CPU in fp32, in module order, from `options.seed`.
void fill_randomly(Decoder& model, c10::ScalarType dtype, const LoadOptions& options);

}  // namespace lf
