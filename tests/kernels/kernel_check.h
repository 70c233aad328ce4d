// Checks that every kernel gets: forward and gradients against its composed twin, and gradients against finite
// differences.
#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tensor/tensor.h"

namespace lf::testing {

using Kernel = std::function<Tensor(const std::vector<Tensor>&)>;

inline std::vector<Tensor> leaves(const std::vector<Tensor>& inputs, const std::vector<bool>& wanted) {
  std::vector<Tensor> out;
  for (size_t i = 0; i < inputs.size(); ++i) {
    out.push_back(inputs[i].detach().clone());
    if (wanted[i]) out.back().requires_grad_(true);
  }
  return out;
}

/// Largest difference relative to the largest value of `want`.
inline double relative_difference(const Tensor& got, const Tensor& want) {
  Tensor wide = want.to(at::kDouble);
  return (got.to(at::kDouble) - wide).abs().max().item<double>() / std::max(1e-12, wide.abs().max().item<double>());
}

/// Output and gradients of `kernel` and `twin` agree within `tolerance` (relative to the largest value). `wanted`:
/// which inputs get one.
inline void expect_like_twin(const Kernel& kernel, const Kernel& twin, const std::vector<Tensor>& inputs,
                             const std::vector<bool>& wanted, double tolerance) {
  std::vector<Tensor> a = leaves(inputs, wanted), b = leaves(inputs, wanted);
  Tensor got = kernel(a), want = twin(b);
  ASSERT_EQ(got.sizes(), want.sizes());
  EXPECT_EQ(got.scalar_type(), want.scalar_type());
  EXPECT_LE(relative_difference(got, want), tolerance) << "forward";
  Tensor g = at::randn(want.sizes()).to(want.scalar_type());
  got.backward(g);
  want.backward(g);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!wanted[i]) continue;
    ASSERT_TRUE(a[i].grad().defined()) << "input " << i;
    EXPECT_EQ(a[i].grad().scalar_type(), a[i].scalar_type());
    EXPECT_LE(relative_difference(a[i].grad(), b[i].grad()), tolerance) << "gradient of input " << i;
  }
}

/// fp32 inputs: the slope along a random direction of each input against (f(x + hv) - f(x - hv)) / 2h.
inline void expect_gradients_by_differences(const Kernel& kernel, const std::vector<Tensor>& inputs,
                                            const std::vector<bool>& wanted, double step = 1e-2,
                                            double tolerance = 2e-2) {
  std::vector<Tensor> at_x = leaves(inputs, wanted);
  Tensor out = kernel(at_x);
  Tensor g = at::randn(out.sizes());
  out.backward(g);
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!wanted[i]) continue;
    Tensor direction = at::randn(inputs[i].sizes());
    auto value = [&](double h) {
      std::vector<Tensor> moved = inputs;
      moved[i] = inputs[i] + h * direction;
      return (kernel(moved).to(at::kDouble) * g).sum().item<double>();
    };
    const double slope = (value(step) - value(-step)) / (2 * step);
    const double analytic = (at_x[i].grad().to(at::kDouble) * direction).sum().item<double>();
    EXPECT_NEAR(analytic, slope, tolerance * (std::abs(slope) + at_x[i].grad().norm().item<double>())) << "input " << i;
  }
}

}  // namespace lf::testing
