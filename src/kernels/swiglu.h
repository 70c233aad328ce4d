// silu(gate) * up, the gated activation of most decoders (Shazeer 2020, arXiv 2002.05202).
#pragma once
#include "tensor/tensor.h"

namespace lf {

/// gate, up: same shape and dtype -> the same.
Tensor swiglu(const Tensor& gate, const Tensor& up);
/// The twin, from ordinary operations.
Tensor swiglu_reference(const Tensor& gate, const Tensor& up);

}  // namespace lf
