#include "kernels/linear.h"

#include "kernels/kernel_check.h"

namespace lf::testing {
namespace {

struct Case {
  std::string name;
  c10::ScalarType input, weight, compute;
  double tolerance;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class LinearTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override { at::manual_seed(3); }
  std::vector<Tensor> inputs(std::vector<int64_t> shape = {21, 40}) const {
    Tensor x = at::randn(shape).to(GetParam().input);
    return {x, (at::randn({24, 40}) * 0.2).to(GetParam().weight), at::randn({24}).to(GetParam().weight),
            at::randn({4, 40}) * 0.2, at::randn({24, 4}) * 0.2};
  }
  Kernel plain() const {
    return [c = GetParam().compute](const std::vector<Tensor>& t) { return linear(t[0], t[1], t[2], c); };
  }
  Kernel lora() const {
    return [c = GetParam().compute](const std::vector<Tensor>& t) {
      return lora_linear(t[0], t[1], t[2], {t[3], t[4], 1.5, 0.0}, c);
    };
  }
  Kernel twin(bool low_rank) const {
    return [c = GetParam().compute, low_rank](const std::vector<Tensor>& t) {
      LowRankTermOptions term;
      if (low_rank) term = {t[3], t[4], 1.5, 0.0};
      return lora_linear_reference(t[0], t[1], t[2], term, c);
    };
  }
};

TEST_P(LinearTest, AgreesWithItsTwinWhenEverythingTrains) {
  expect_like_twin(plain(), twin(false), inputs(), {true, true, true, false, false}, GetParam().tolerance);
  expect_like_twin(lora(), twin(true), inputs(), {true, true, true, true, true}, GetParam().tolerance);
}

TEST_P(LinearTest, AgreesWithItsTwinOverAFrozenBase) {
  expect_like_twin(lora(), twin(true), inputs(), {true, false, false, true, true}, GetParam().tolerance);
  expect_like_twin(lora(), twin(true), inputs({3, 7, 40}), {false, false, false, true, true}, GetParam().tolerance);
  expect_like_twin(lora(), twin(true), inputs({2, 40}), {true, false, false, true, false}, GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(Types, LinearTest,
                         ::testing::Values(Case{"fp32", at::kFloat, at::kFloat, at::kFloat, 1e-5},
                                           Case{"bf16", at::kBFloat16, at::kBFloat16, at::kBFloat16, 2e-2},
                                           Case{"fp32_weights_in_bf16", at::kBFloat16, at::kFloat, at::kBFloat16, 2e-2},
                                           Case{"bf16_weights_in_fp32", at::kFloat, at::kBFloat16, at::kFloat, 1e-2}),
                         [](const auto& info) { return info.param.name; });

TEST(LoraLinear, GradientsAgreeWithFiniteDifferences) {
  at::manual_seed(4);
  Kernel kernel = [](const std::vector<Tensor>& t) {
    return lora_linear(t[0], t[1], t[2], {t[3], t[4], 0.7, 0.0}, at::kFloat);
  };
  expect_gradients_by_differences(
      kernel, {at::randn({9, 12}), at::randn({8, 12}), at::randn({8}), at::randn({3, 12}), at::randn({8, 3})},
      {true, true, true, true, true});
}

TEST(LoraLinear, DropoutActsOnTheLowRankTermOnlyAndItsGradientUsesTheSameMask) {
  at::manual_seed(5);
  Tensor x = at::randn({30, 16}).requires_grad_(true), w = at::zeros({8, 16});
  Tensor a = at::randn({2, 16}), b = at::randn({8, 2});
  at::manual_seed(6);
  Tensor y = lora_linear(x, w, Tensor(), {a, b, 1.0, 0.5}, at::kFloat);
  at::manual_seed(6);
  Tensor mask = std::get<1>(at::native_dropout(x.detach(), 0.5, true));
  EXPECT_TRUE(at::allclose(y, at::linear(at::linear(x * mask * 2.0, a), b), 1e-5, 1e-5));
  Tensor g = at::randn(y.sizes());
  y.backward(g);
  EXPECT_TRUE(at::allclose(x.grad(), at::mm(at::mm(g, b), a) * mask * 2.0, 1e-4, 1e-5));
}

TEST(LoraLinear, AFrozenBaseGetsNoGradient) {
  Tensor x = at::randn({4, 6}), w = at::randn({5, 6}), a = at::randn({2, 6}).requires_grad_(true),
         b = at::zeros({5, 2});
  lora_linear(x, w, Tensor(), {a, b.requires_grad_(true), 1.0, 0.0}, at::kFloat).sum().backward();
  EXPECT_FALSE(w.grad().defined());
  EXPECT_FALSE(x.grad().defined());
  EXPECT_TRUE(b.grad().defined());
}

}  // namespace
}  // namespace lf::testing
