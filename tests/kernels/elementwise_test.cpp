// RMS norm, rotary positions and the gated activation: one table of rows, one runner.
#include "kernels/kernel_check.h"
#include "kernels/rms_norm.h"
#include "kernels/rope.h"
#include "kernels/swiglu.h"

namespace lf::testing {
namespace {

struct Op {
  std::string name;
  Kernel kernel, twin;
  std::vector<std::vector<int64_t>> shapes;
  std::vector<bool> wanted;
};
void PrintTo(const Op& op, std::ostream* out) { *out << op.name; }

std::pair<Tensor, Tensor> angles(int64_t tokens, int64_t half) {
  Tensor a = at::arange(tokens * half, at::kFloat).view({tokens, half}) * 0.37;
  return {a.cos(), a.sin()};
}

Kernel rope_with(Tensor (*rope)(const Tensor&, const Tensor&, const Tensor&)) {
  return [rope](const std::vector<Tensor>& t) {
    auto [cos, sin] = angles(t[0].size(0), t[0].size(2) / 2);
    return rope(t[0], cos, sin);
  };
}

const std::vector<Op> kOps = {
    {"rms_norm",
     [](const auto& t) { return rms_norm(t[0], t[1], 1e-5); },
     [](const auto& t) { return rms_norm_reference(t[0], t[1], 1e-5); },
     {{13, 70}, {70}},
     {true, true}},
    {"rms_norm_frozen_weight",
     [](const auto& t) { return rms_norm(t[0], t[1], 1e-6); },
     [](const auto& t) { return rms_norm_reference(t[0], t[1], 1e-6); },
     {{3, 5, 16}, {16}},
     {true, false}},
    {"rope", rope_with(apply_rope), rope_with(apply_rope_reference), {{11, 3, 24}}, {true}},
    {"swiglu",
     [](const auto& t) { return swiglu(t[0], t[1]); },
     [](const auto& t) { return swiglu_reference(t[0], t[1]); },
     {{7, 333}, {7, 333}},
     {true, true}},
};

class ElementwiseTest : public ::testing::TestWithParam<Op> {
 protected:
  std::vector<Tensor> inputs(c10::ScalarType dtype) const {
    at::manual_seed(7);
    std::vector<Tensor> out;
    for (const auto& shape : GetParam().shapes) out.push_back((at::randn(shape) * 1.5).to(dtype));
    return out;
  }
};

TEST_P(ElementwiseTest, AgreesWithItsTwinInFp32) {
  expect_like_twin(GetParam().kernel, GetParam().twin, inputs(at::kFloat), GetParam().wanted, 3e-6);
}

TEST_P(ElementwiseTest, AgreesWithItsTwinInBf16) {
  expect_like_twin(GetParam().kernel, GetParam().twin, inputs(at::kBFloat16), GetParam().wanted, 1.5e-2);
}

TEST_P(ElementwiseTest, GradientsAgreeWithFiniteDifferences) {
  expect_gradients_by_differences(GetParam().kernel, inputs(at::kFloat), GetParam().wanted, 5e-3);
}

INSTANTIATE_TEST_SUITE_P(Ops, ElementwiseTest, ::testing::ValuesIn(kOps),
                         [](const auto& info) { return info.param.name; });

TEST(Swiglu, ExtremeGatesGiveFiniteResults) {
  Tensor gate = at::tensor({-1e4f, -100.0f, -1e-8f, 0.0f, 100.0f, 1e4f}), up = at::ones({6});
  EXPECT_TRUE(at::allclose(swiglu(gate, up), swiglu_reference(gate, up), 1e-6, 1e-6));
}

TEST(RmsNorm, AZeroRowStaysZeroWithoutNaN) {
  Tensor y = rms_norm(at::zeros({2, 8}), at::ones({8}), 1e-6);
  EXPECT_EQ(y.abs().max().item<float>(), 0.0f);
}

}  // namespace
}  // namespace lf::testing
