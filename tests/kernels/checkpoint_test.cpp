#include "kernels/checkpoint.h"

#include <gtest/gtest.h>

#include "tensor/precision.h"
#include "tensor/rng.h"

namespace lf::testing {
namespace {

TEST(Checkpoint, GivesTheSameNumbersAndGradientsAsKeeping) {
  at::manual_seed(1);
  Tensor w1 = at::randn({8, 8}).requires_grad_(true), w2 = w1.detach().clone().requires_grad_(true);
  Tensor x1 = at::randn({4, 8}).requires_grad_(true), x2 = x1.detach().clone().requires_grad_(true);
  Tensor kept = at::tanh(at::mm(x1, w1)),
         again = checkpoint([w2](const Tensor&x) { return at::tanh(at::mm(x, w2)); }, x2);
  kept.sum().backward();
  again.sum().backward();
  EXPECT_TRUE(at::equal(kept, again));
  EXPECT_TRUE(at::equal(x1.grad(), x2.grad()));
  EXPECT_TRUE(at::equal(w1.grad(), w2.grad()));
}

TEST(Checkpoint, ParametersInsideGetGradientsThoughTheInputNeedsNone) {
  Tensor w = at::ones({3}).requires_grad_(true), x = at::full({3}, 2.0);
  checkpoint([w](const Tensor& in) { return in * w; }, x).sum().backward();
  EXPECT_TRUE(at::equal(w.grad(), x));
  EXPECT_FALSE(x.grad().defined());
}

TEST(Checkpoint, DropoutMasksAreDrawnAgainAlike) {
  at::manual_seed(2);
  Tensor x = at::ones({1000}).requires_grad_(true);
  Tensor y = checkpoint([](const Tensor& in) { return at::dropout(in, 0.5, true); }, x);
  Tensor after = default_generator_state(at::kCPU);
  y.sum().backward();
  EXPECT_TRUE(at::equal(x.grad(), y)) << "the gradient of dropout(1) is its mask";
  EXPECT_TRUE(at::equal(after, default_generator_state(at::kCPU))) << "recomputation must not advance the generator";
}

TEST(Checkpoint, RecomputesInTheComputeDtypeOfTheForwardPass) {
  std::vector<std::optional<c10::ScalarType>> seen;
  Tensor x = at::ones({2}).requires_grad_(true), y;
  {
    ComputeDtype scope(at::kBFloat16);
    y = checkpoint(
        [&seen](const Tensor& in) {
          seen.push_back(ComputeDtype::current());
          return in * 2;
        },
        x);
  }
  y.sum().backward();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], at::kBFloat16);
  EXPECT_EQ(seen[1], at::kBFloat16);
  EXPECT_EQ(ComputeDtype::current(), std::nullopt);
}

}  // namespace
}  // namespace lf::testing
