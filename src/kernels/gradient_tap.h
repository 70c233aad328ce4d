// Nodes of the autograd graph for a loss whose gradient enters in the middle of a model, at a time when the loss is
// known as a whole: auxiliary losses over all layers that work under gradient checkpointing, too.
#pragma once
#include <functional>
#include <utility>

#include "tensor/tensor.h"

namespace lf {

/// x itself; in the backward pass `gradient(x)` (fp32, x's shape, or undefined for none) is added to x's gradient.
Tensor tapped(const Tensor& x, std::function<Tensor(const Tensor&)> gradient);

/// (x itself, value), made by one node: in the backward pass `arrived` gets the gradient of `value` before anything
/// that x was computed from sees its own gradient. value: scalar fp32.
std::pair<Tensor, Tensor> with_side_value(const Tensor& x, const Tensor& value,
                                          std::function<void(const Tensor&)> arrived);

}  // namespace lf
