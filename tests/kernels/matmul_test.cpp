#include "kernels/matmul.h"

#include "kernels/cpu/mixed_gemm.h"
#include "kernels/kernel_check.h"

namespace lf::testing {
namespace {

Tensor exact(const Tensor& a, const Tensor& b, bool round) {
  auto widen = [&](const Tensor& x) { return (round ? x.to(at::kBFloat16) : x).to(at::kDouble); };
  return at::mm(widen(a), widen(b));
}

struct Sizes {
  int64_t rows, inner, outputs;
};
// One row (decoding), a few rows, odd sizes, more rows than a block, more weight rows than a tile.
const std::vector<Sizes> kSizes = {{1, 64, 48},   {3, 33, 17},    {5, 33, 17},
                                   {37, 130, 51}, {2100, 24, 40}, {19, 1100, 2050}};

class MatmulTest : public ::testing::TestWithParam<c10::ScalarType> {};

TEST_P(MatmulTest, TiledProductsAgreeWithDoublePrecision) {
  const c10::ScalarType stored = GetParam();
  for (const Sizes& size : kSizes) {
    at::manual_seed(1);
    Tensor x = at::randn({size.rows, size.inner}).to(at::kBFloat16),
           w = at::randn({size.outputs, size.inner}).to(stored);
    Tensor g = at::randn({size.rows, size.outputs}).to(at::kBFloat16);
    for (bool round : {false, true}) {
      Tensor nt = exact(x, w.t(), round), nn = exact(g, w, round), tn = exact(g.t(), x, round);
      EXPECT_LE(relative_difference(cpu::mixed_nt(x, w, Tensor(), round, at::kFloat), nt), 2e-6);
      EXPECT_LE(relative_difference(cpu::mixed_nn(g, w, round, at::kFloat), nn), 2e-6);
      EXPECT_LE(relative_difference(cpu::mixed_tn(g, x, round, at::kFloat), tn), 2e-6);
      EXPECT_LE(relative_difference(cpu::mixed_nt(x, w, Tensor(), round, at::kBFloat16), nt), 4e-3);
      EXPECT_LE(relative_difference(cpu::mixed_nn(g, w, round, at::kBFloat16), nn), 4e-3);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(StoredAs, MatmulTest, ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& info) { return std::string(c10::toString(info.param)); });

TEST(MatmulTest, ABf16ResultIsTheExactSumRoundedOnce) {
  at::manual_seed(2);
  Tensor x = at::randn({64, 256}).to(at::kBFloat16), w = at::randn({32, 256}).to(at::kBFloat16);
  Tensor got = matmul_nt(x, w, at::kBFloat16, at::kBFloat16), want = exact(x, w.t(), false);
  Tensor ulp = at::pow(2.0, at::floor(at::log2(want.abs()))) / 128.0;
  EXPECT_LE(((got.to(at::kDouble) - want).abs() / ulp).max().item<double>(), 0.51);
}

TEST(MatmulTest, Fp32OperandsAreRoundedWhenTheProductIsBf16) {
  Tensor x = at::full({1, 1}, 1.001f), w = at::full({9, 1}, 1.0f);
  EXPECT_EQ(matmul_nt(x, w, at::kBFloat16, at::kFloat)[0][0].item<float>(), 1.0f);
  EXPECT_EQ(matmul_nt(x, w, at::kFloat, at::kFloat)[0][0].item<float>(), 1.001f);
}

TEST(MatmulTest, NaNsAndInfinitiesSurviveRounding) {
  Tensor x = at::tensor({std::nanf(""), INFINITY, -INFINITY, 3.4e38f}).view({4, 1});
  Tensor y = matmul_nt(x, at::ones({1, 1}), at::kBFloat16, at::kBFloat16).flatten().to(at::kFloat);
  EXPECT_TRUE(std::isnan(y[0].item<float>()));
  EXPECT_EQ(y[1].item<float>(), INFINITY);
  EXPECT_EQ(y[2].item<float>(), -INFINITY);
  EXPECT_TRUE(at::equal(y[3], x[3][0].to(at::kBFloat16).to(at::kFloat)));
}

}  // namespace
}  // namespace lf::testing
