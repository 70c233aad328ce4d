// The computation behind linear_cross_entropy_sum, without autograd.
#pragma once
#include "kernels/linear_cross_entropy.h"

namespace lf {

struct LinearCrossEntropyWanted {
  bool hidden = false, weight = false, bias = false;
  bool any() const { return hidden || weight || bias; }
};

struct LinearCrossEntropyResult {
  TokenLosses tokens;
  Tensor hidden_gradient, weight_gradient, bias_gradient;  // of the sum of the losses; undefined where not wanted
};

LinearCrossEntropyResult linear_cross_entropy_compute(const Tensor& hidden, const Tensor& weight, const Tensor& bias,
                                                      const Tensor& targets,
                                                      const LinearCrossEntropyKernelOptions& options,
                                                      const LinearCrossEntropyWanted& wanted);

}  // namespace lf
