// S2-Attn against its plain definition and against the published code written down again with roll and reshape.
#include "kernels/shifted_attention.h"

#include "base/error.h"
#include "kernels/attention.h"
#include "kernels/kernel_check.h"

namespace lf::testing {
namespace {

struct Case {
  std::string name;
  int64_t heads, kv_heads;
  std::vector<int64_t> bounds;
  ShiftedAttentionOptions options;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr int64_t kWidth = 8;
constexpr double kScale = 0.35;

std::vector<Tensor> inputs(int64_t tokens, int64_t heads, int64_t kv_heads, c10::ScalarType dtype = at::kFloat) {
  at::manual_seed(4);
  auto random = [&](int64_t count) { return at::randn({tokens, count, kWidth}).to(dtype); };
  return {random(heads), random(kv_heads), random(kv_heads)};
}

class ShiftedAttentionTest : public ::testing::TestWithParam<Case> {
 protected:
  Kernel kernel() const {
    return [c = GetParam()](const std::vector<Tensor>& t) {
      return shifted_attention(t[0], t[1], t[2], c.bounds, c.options);
    };
  }
  Kernel twin() const {
    return [c = GetParam()](const std::vector<Tensor>& t) {
      return shifted_attention_reference(t[0], t[1], t[2], c.bounds, c.options);
    };
  }
  std::vector<Tensor> tensors(c10::ScalarType dtype) const {
    return inputs(GetParam().bounds.back(), GetParam().heads, GetParam().kv_heads, dtype);
  }
};

TEST_P(ShiftedAttentionTest, OutputAndGradientsAgreeWithThePlainDefinition) {
  expect_like_twin(kernel(), twin(), tensors(at::kFloat), {true, true, true}, 2e-5);
}

TEST_P(ShiftedAttentionTest, AgreesWithThePlainDefinitionInBf16) {
  Kernel wide = [&](const std::vector<Tensor>& t) {
    return twin()({t[0].to(at::kFloat), t[1].to(at::kFloat), t[2].to(at::kFloat)}).to(at::kBFloat16);
  };
  expect_like_twin(kernel(), wide, tensors(at::kBFloat16), {true, true, true}, 2e-2);
}

TEST_P(ShiftedAttentionTest, GradientsAgreeWithFiniteDifferences) {
  expect_gradients_by_differences(kernel(), tensors(at::kFloat), {true, true, true});
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ShiftedAttentionTest,
    ::testing::Values(Case{"one_sequence", 4, 4, {0, 32}, {kScale}}, Case{"grouped_heads", 8, 4, {0, 64}, {kScale}},
                      Case{"halves_cut_a_key_head", 6, 3, {0, 24}, {kScale}},
                      Case{"one_key_head", 4, 1, {0, 40}, {kScale}},
                      Case{"odd_number_of_heads", 3, 3, {0, 16}, {kScale}}, Case{"one_head", 1, 1, {0, 16}, {kScale}},
                      Case{"lengths_that_are_no_multiple", 4, 2, {0, 13}, {kScale}},
                      Case{"packed_with_short_and_empty_ones", 4, 2, {0, 1, 17, 17, 50, 53}, {kScale}},
                      Case{"half_of_the_sequence", 2, 2, {0, 48}, {kScale, 0.0, 0.5}},
                      Case{"a_ratio_that_does_not_divide", 2, 2, {0, 56}, {kScale, 0.0, 0.3}},
                      Case{"without_the_ring", 4, 2, {0, 32, 45}, {kScale, 0.0, 0.25, false}}),
    [](const auto& info) { return info.param.name; });

/// LongLoRA's llama_attn_replace.py for one sequence: q, k, v: L H E with L a multiple of 8.
Tensor published(const Tensor& q, const Tensor& k, const Tensor& v) {
  const int64_t length = q.size(0), heads = q.size(1), group = length / 4;
  const auto shifted = [&](const Tensor& x) {
    Tensor rolled = at::cat({x.slice(1, 0, heads / 2), x.slice(1, heads / 2).roll(-(group / 2), 0)}, 1);
    return rolled.reshape({4, group, heads, kWidth}).transpose(1, 2);
  };
  Tensor scores = at::matmul(shifted(q), shifted(k).transpose(-1, -2)) * kScale;
  scores = scores.masked_fill(at::ones({group, group}, at::kBool).triu(1), -std::numeric_limits<double>::infinity());
  Tensor out = at::matmul(at::softmax(scores, -1), shifted(v)).transpose(1, 2).reshape({length, heads, kWidth});
  return at::cat({out.slice(1, 0, heads / 2), out.slice(1, heads / 2).roll(group / 2, 0)}, 1);
}

TEST(ShiftedAttention, IsThePublishedCode) {
  const std::vector<int64_t> bounds = {0, 40};
  Kernel ours = [&](const std::vector<Tensor>& t) { return shifted_attention(t[0], t[1], t[2], bounds, {kScale}); };
  Kernel theirs = [](const std::vector<Tensor>& t) { return published(t[0], t[1], t[2]); };
  expect_like_twin(ours, theirs, inputs(40, 4, 4), {true, true, true}, 2e-5);
}

TEST(ShiftedAttention, PackedEqualsSeparate) {
  std::vector<Tensor> t = inputs(61, 4, 2);
  const std::vector<int64_t> bounds = {0, 24, 61};
  const Tensor packed = shifted_attention(t[0], t[1], t[2], bounds, {kScale});
  for (size_t s = 0; s < 2; ++s) {
    const auto part = [&](const Tensor& x) { return x.slice(0, bounds[s], bounds[s + 1]); };
    const std::vector<int64_t> alone = {0, bounds[s + 1] - bounds[s]};
    EXPECT_TRUE(at::allclose(part(packed), shifted_attention(part(t[0]), part(t[1]), part(t[2]), alone, {kScale})));
  }
}

TEST(ShiftedAttention, WithoutTheRingNothingSeesWhatFollows) {
  std::vector<Tensor> t = inputs(32, 2, 2), changed = t;
  for (Tensor& x : changed) x = at::cat({x.slice(0, 0, 20), at::randn({12, 2, kWidth})});
  const std::vector<int64_t> bounds = {0, 32};
  const auto out = [&](const std::vector<Tensor>& x, bool wrap) {
    return shifted_attention(x[0], x[1], x[2], bounds, {kScale, 0.0, 0.25, wrap}).slice(0, 0, 20);
  };
  EXPECT_TRUE(at::equal(out(t, false), out(changed, false)));
  EXPECT_FALSE(at::equal(out(t, true), out(changed, true))) << "the ring lets the first tokens see the last";
}

TEST(ShiftedAttention, GroupsAreAQuarterOfThePaddedLength) {
  EXPECT_EQ(shifted_group_size(32, 0.25), 8);
  EXPECT_EQ(shifted_group_size(2048, 0.25), 512);
  EXPECT_EQ(shifted_group_size(13, 0.25), 4) << "as if padded to 16";
  EXPECT_EQ(shifted_group_size(1, 0.25), 2);
}

TEST(ShiftedAttention, AGroupAsLongAsTheSequenceIsFullAttentionInTheFirstHalfOfTheHeads) {
  std::vector<Tensor> t = inputs(16, 4, 4);
  const std::vector<int64_t> bounds = {0, 16};
  const Tensor full = varlen_attention(t[0], t[1], t[2], bounds, {kScale, 0, 0.0});
  const Tensor out = shifted_attention(t[0], t[1], t[2], bounds, {kScale, 0.0, 1.0});
  EXPECT_TRUE(at::allclose(out.slice(1, 0, 2), full.slice(1, 0, 2), 1e-4, 1e-5));
}

TEST(ShiftedAttention, DropoutChangesTheResultAndBadRatiosAreRefused) {
  std::vector<Tensor> t = inputs(16, 2, 2);
  const std::vector<int64_t> bounds = {0, 16};
  const auto out = [&](ShiftedAttentionOptions o) { return shifted_attention(t[0], t[1], t[2], bounds, o); };
  EXPECT_FALSE(at::allclose(out({kScale}), out({kScale, 0.5})));
  EXPECT_THROW(out({kScale, 0.0, 0.0}), Error);
  EXPECT_THROW(out({kScale, 0.0, 1.5}), Error);
}

}  // namespace
}  // namespace lf::testing
