#include "kernels/moe_experts.h"

#include "base/error.h"
#include "kernels/grouped_matmul.h"
#include "kernels/grouped_matmul_impl.h"
#include "kernels/kernel_check.h"

namespace lf::testing {
namespace {

constexpr int64_t kTokens = 23, kChosen = 2, kExperts = 5, kModel = 16, kInner = 8;

/// Each token's experts, each once; expert 3 gets no token.
Tensor some_ids(int64_t tokens = kTokens) {
  Tensor ids = at::rand({tokens, kExperts});
  ids.select(1, 3).fill_(-1);
  return std::get<1>(ids.topk(kChosen, 1));
}

struct Case {
  std::string name;
  c10::ScalarType input, weight, compute;
  bool transposed, biases, weigh_input, own_activation;
  double tolerance;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

/// gpt-oss: gate and up interleaved, clamped.
Tensor clamped_glu(const Tensor& h) {
  Tensor gate = h.slice(-1, 0, h.size(-1), 2).clamp_max(1.0), up = h.slice(-1, 1, h.size(-1), 2).clamp(-1.0, 1.0);
  return (up + 1) * gate * at::sigmoid(gate * 1.702);
}

class MoeExpertsTest : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override { at::manual_seed(3); }
  std::vector<Tensor> inputs(int64_t tokens = kTokens) const {
    const Case& c = GetParam();
    Tensor up = at::randn({kExperts, 2 * kInner, kModel}) * 0.3, down = at::randn({kExperts, kModel, kInner}) * 0.3;
    if (c.transposed) {
      up = up.transpose(1, 2).contiguous();
      down = down.transpose(1, 2).contiguous();
    }
    return {at::randn({tokens, kModel}).to(c.input),
            at::rand({tokens, kChosen}) + 0.1,
            up.to(c.weight),
            down.to(c.weight),
            at::randn({kExperts, 2 * kInner}).to(c.weight),
            at::randn({kExperts, kModel}).to(c.weight)};
  }
  Kernel kernel(bool twin, Tensor ids) const {
    const Case c = GetParam();
    return [=](const std::vector<Tensor>& t) {
      ExpertWeights w{t[2], t[3], {}, {}, c.transposed};
      if (c.biases) w.up_bias = t[4], w.down_bias = t[5];
      ExpertOptions options{c.compute, {}, c.weigh_input};
      if (c.own_activation) options.activation = clamped_glu;
      return twin ? moe_experts_reference(t[0], ids, t[1], w, options) : moe_experts(t[0], ids, t[1], w, options);
    };
  }
};

TEST_P(MoeExpertsTest, AgreesWithItsTwinWhenEverythingTrains) {
  const bool b = GetParam().biases;
  Tensor ids = some_ids();
  expect_like_twin(kernel(false, ids), kernel(true, ids), inputs(), {true, true, true, true, b, b},
                   GetParam().tolerance);
}

TEST_P(MoeExpertsTest, AgreesWithItsTwinWhereOnlySomeGradientsAreWanted) {
  const bool b = GetParam().biases;
  Tensor ids = some_ids();
  const double tolerance = GetParam().tolerance;
  expect_like_twin(kernel(false, ids), kernel(true, ids), inputs(), {true, true, false, false, false, false},
                   tolerance);
  expect_like_twin(kernel(false, ids), kernel(true, ids), inputs(), {false, true, false, true, false, b}, tolerance);
  expect_like_twin(kernel(false, ids), kernel(true, ids), inputs(), {true, false, true, false, b, false}, tolerance);
}

TEST_P(MoeExpertsTest, AgreesWithItsTwinWhereExpertsAreSharedOrSingle) {
  const bool b = GetParam().biases;
  const double tolerance = GetParam().tolerance;
  Tensor one = some_ids(1), same = at::tensor({4, 1}, at::kLong).repeat({300, 1});
  expect_like_twin(kernel(false, one), kernel(true, one), inputs(1), {true, true, true, true, b, b}, tolerance);
  expect_like_twin(kernel(false, same), kernel(true, same), inputs(300), {true, true, true, true, b, b}, tolerance);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, MoeExpertsTest,
    ::testing::Values(
        Case{"fp32", at::kFloat, at::kFloat, at::kFloat, false, false, false, false, 1e-5},
        Case{"fp64", at::kDouble, at::kDouble, at::kDouble, false, false, false, false, 1e-6},
        Case{"fp32_biases", at::kFloat, at::kFloat, at::kFloat, false, true, false, false, 1e-5},
        Case{"transposed", at::kFloat, at::kFloat, at::kFloat, true, false, false, false, 1e-5},
        Case{"gpt_oss", at::kFloat, at::kFloat, at::kFloat, true, true, false, true, 1e-5},
        Case{"llama4", at::kFloat, at::kFloat, at::kFloat, true, false, true, false, 1e-5},
        Case{"bf16", at::kBFloat16, at::kBFloat16, at::kBFloat16, false, false, false, false, 3e-2},
        Case{"bf16_gpt_oss", at::kBFloat16, at::kBFloat16, at::kBFloat16, true, true, false, true, 3e-2},
        Case{"fp32_weights_in_bf16", at::kBFloat16, at::kFloat, at::kBFloat16, false, false, false, false, 3e-2},
        Case{"bf16_weights_in_fp32", at::kFloat, at::kBFloat16, at::kFloat, false, true, false, false, 1e-2}),
    [](const auto& info) { return info.param.name; });

TEST(MoeExperts, GradientsAgreeWithFiniteDifferences) {
  at::manual_seed(4);
  Tensor ids = some_ids(9);
  Kernel kernel = [ids](const std::vector<Tensor>& t) {
    return moe_experts(t[0], ids, t[1], {t[2], t[3], t[4], t[5], false}, {at::kFloat, {}, false});
  };
  expect_gradients_by_differences(
      kernel,
      {at::randn({9, kModel}), at::rand({9, kChosen}), at::randn({kExperts, 2 * kInner, kModel}) * 0.3,
       at::randn({kExperts, kModel, kInner}) * 0.3, at::randn({kExperts, 2 * kInner}), at::randn({kExperts, kModel})},
      {true, true, true, true, true, true});
}

TEST(MoeExperts, AnExpertWithoutTokensGetsAZeroGradientAndAFrozenOneNone) {
  at::manual_seed(5);
  Tensor up = at::randn({kExperts, 2 * kInner, kModel}).requires_grad_(true),
         down = at::randn({kExperts, kModel, kInner});
  moe_experts(at::randn({kTokens, kModel}), some_ids(), at::rand({kTokens, kChosen}), {up, down, {}, {}, false},
              {at::kFloat, {}, false})
      .sum()
      .backward();
  EXPECT_EQ(up.grad()[3].abs().max().item<float>(), 0);
  EXPECT_GT(up.grad()[0].abs().max().item<float>(), 0);
  EXPECT_FALSE(down.grad().defined());
}

TEST(MoeExperts, NoTokensGiveNoRows) {
  Tensor y =
      moe_experts(at::zeros({0, kModel}), at::zeros({0, kChosen}, at::kLong), at::zeros({0, kChosen}),
                  {at::zeros({kExperts, 2 * kInner, kModel}), at::zeros({kExperts, kModel, kInner}), {}, {}, false},
                  {at::kFloat, {}, false});
  EXPECT_EQ(y.sizes(), (std::vector<int64_t>{0, kModel}));
}

TEST(SortByExpert, KeepsTokensOfAnExpertInOrder) {
  const ExpertRows rows = sort_by_expert(at::tensor({2, 0, 0, 2, 3, 2}, at::kLong).view({3, 2}), 5);
  EXPECT_EQ(rows.bounds, (std::vector<int64_t>{0, 2, 2, 5, 6, 6}));
  EXPECT_TRUE(rows.order.equal(at::tensor({1, 2, 0, 3, 5, 4}, at::kLong)));
  EXPECT_TRUE(rows.token.equal(at::tensor({0, 1, 0, 1, 2, 2}, at::kLong)));
  EXPECT_TRUE(rows.order.index_select(0, rows.position).equal(at::arange(6, at::kLong)));
}

TEST(SortByExpert, RefusesAnExpertThatIsNotThere) {
  EXPECT_THROW(sort_by_expert(at::tensor({0, 5}, at::kLong).view({1, 2}), 5), Error);
  EXPECT_THROW(sort_by_expert(at::tensor({-1, 0}, at::kLong).view({1, 2}), 5), Error);
}

TEST(GroupedMatmul, LibtorchsGroupedProductGivesTheSameNumbers) {
  at::manual_seed(6);
  const std::vector<int64_t> bounds{0, 7, 7, 40};
  Tensor x = at::randn({40, 16}).to(at::kBFloat16), g = at::randn({40, 24}).to(at::kBFloat16);
  Tensor w = at::randn({3, 24, 16}).to(at::kBFloat16);
  ASSERT_TRUE(fits_libtorch_grouped(x, w));
  EXPECT_FALSE(fits_libtorch_grouped(x.to(at::kFloat), w.to(at::kFloat)));
  EXPECT_FALSE(fits_libtorch_grouped(at::randn({40, 15}).to(at::kBFloat16), w));
  const auto b = at::kBFloat16;
  EXPECT_LE(relative_difference(libtorch_grouped_nt(x, w, bounds), grouped_matmul_nt(x, w, bounds, b, b)), 1e-2);
  EXPECT_LE(relative_difference(libtorch_grouped_nn(g, w, bounds), grouped_matmul_nn(g, w, bounds, b, b)), 1e-2);
  EXPECT_LE(relative_difference(libtorch_grouped_tn(g, x, bounds), grouped_matmul_tn(g, x, bounds, b, b)), 1e-2);
}

}  // namespace
}  // namespace lf::testing
