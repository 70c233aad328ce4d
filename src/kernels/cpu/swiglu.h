#pragma once
#include <utility>

#include "tensor/tensor.h"

namespace lf::cpu {

/// gate, up: contiguous float or bf16, same shape and dtype.
Tensor swiglu_forward(const Tensor& gate, const Tensor& up);
/// -> (d gate, d up).
std::pair<Tensor, Tensor> swiglu_backward(const Tensor& dy, const Tensor& gate, const Tensor& up);

/// h: S 2F, a row's gate before its up; float or bf16, contiguous -> S F.
Tensor stacked_swiglu_forward(const Tensor& h);

/// Gradients of rows a = swiglu(h) that were multiplied by `scale` (S fp32; undefined = 1) afterwards.
struct StackedSwigluGradients {
  Tensor h;       // S 2F
  Tensor dots;    // S fp32: of each row's dy with a, the gradient of its scale
  Tensor scaled;  // S F: scale * a; undefined unless asked for
};
StackedSwigluGradients stacked_swiglu_backward(const Tensor& dy, const Tensor& h, const Tensor& scale,
                                               bool want_scaled);

}  // namespace lf::cpu
