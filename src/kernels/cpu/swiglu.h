#pragma once
#include <utility>

#include "tensor/tensor.h"

namespace lf::cpu {

/// gate, up: contiguous float or bf16, same shape and dtype.
Tensor swiglu_forward(const Tensor& gate, const Tensor& up);
/// -> (d gate, d up).
std::pair<Tensor, Tensor> swiglu_backward(const Tensor& dy, const Tensor& gate, const Tensor& up);

}  // namespace lf::cpu
