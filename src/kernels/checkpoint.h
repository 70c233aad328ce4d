// Gradient checkpointing (Chen et al. 2016, arXiv 1604.06174): keep the input, run the function again when gradients
// arrive.
#pragma once
#include <functional>

#include "tensor/tensor.h"

namespace lf {

/// fn(x), recorded as one node that keeps only x. `fn` runs again in the backward pass with the random state (of the
/// CPU and of x's device) and the ComputeDtype of this call, so that it gives the same numbers; gradients of parameters
/// used inside `fn` are accumulated into these. `fn` must stay valid until then.
Tensor checkpoint(std::function<Tensor(const Tensor&)> fn, const Tensor& x);

}  // namespace lf
