#include "kernels/attention.h"

#include "kernels/kernel_check.h"

namespace lf::testing {
namespace {

struct Case {
  std::string name;
  int64_t heads, kv_heads, width;
  std::vector<int64_t> bounds;
  int64_t window;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class AttentionTest : public ::testing::TestWithParam<Case> {
 protected:
  std::vector<Tensor> inputs(c10::ScalarType dtype) const {
    at::manual_seed(8);
    const Case& c = GetParam();
    const int64_t tokens = c.bounds.back();
    auto random = [&](int64_t heads) { return at::randn({tokens, heads, c.width}).to(dtype); };
    return {random(c.heads), random(c.kv_heads), random(c.kv_heads)};
  }
  AttentionOptions options() const { return {0.25, GetParam().window, 0.0}; }
  Kernel kernel() const {
    return [this](const std::vector<Tensor>& t) {
      return varlen_attention(t[0], t[1], t[2], GetParam().bounds, options());
    };
  }
  Kernel twin() const {
    return [this](const std::vector<Tensor>& t) {
      return varlen_attention_reference(t[0], t[1], t[2], GetParam().bounds, options());
    };
  }
};

TEST_P(AttentionTest, AgreesWithItsTwinInFp32) {
  expect_like_twin(kernel(), twin(), inputs(at::kFloat), {true, true, true}, 2e-5);
}

TEST_P(AttentionTest, AgreesWithItsTwinInBf16) {
  Kernel wide = [&](const std::vector<Tensor>& t) {
    return varlen_attention_reference(t[0].to(at::kFloat), t[1].to(at::kFloat), t[2].to(at::kFloat), GetParam().bounds,
                                      options())
        .to(at::kBFloat16);
  };
  expect_like_twin(kernel(), wide, inputs(at::kBFloat16), {true, true, true}, 2e-2);
}

TEST_P(AttentionTest, GradientsAgreeWithFiniteDifferences) {
  expect_gradients_by_differences(kernel(), inputs(at::kFloat), {true, true, true});
}

TEST_P(AttentionTest, DecodingTheLastTokensAgreesWithTheFullPass) {
  const Case& c = GetParam();
  std::vector<Tensor> t = inputs(at::kFloat);
  Tensor full = varlen_attention(t[0], t[1], t[2], c.bounds, options());
  const int64_t begin = c.bounds[c.bounds.size() - 2], end = c.bounds.back();
  Tensor keys = t[1].slice(0, begin).transpose(0, 1), values = t[2].slice(0, begin).transpose(0, 1);
  for (int64_t last : {int64_t{1}, int64_t{2}, end - begin}) {
    if (last > end - begin) continue;
    Tensor got = cached_attention(t[0].slice(0, end - last), keys, values, options());
    EXPECT_LE(relative_difference(got, full.slice(0, end - last)), 1e-5) << last;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, AttentionTest,
                         ::testing::Values(Case{"one_sequence", 4, 4, 16, {0, 33}, 0},
                                           Case{"grouped_heads", 6, 2, 8, {0, 20}, 0},
                                           Case{"packed", 4, 2, 16, {0, 1, 12, 40}, 0},
                                           Case{"empty_sequence_between", 2, 1, 8, {0, 5, 5, 9}, 0},
                                           Case{"window_shorter_than_the_sequences", 4, 2, 8, {0, 30, 45}, 7},
                                           Case{"window_longer_than_the_sequences", 4, 2, 8, {0, 30, 45}, 64},
                                           Case{"window_over_several_bands", 2, 1, 8, {0, 700}, 100},
                                           Case{"window_of_two", 2, 2, 8, {0, 12}, 2}),
                         [](const auto& info) { return info.param.name; });

TEST(Attention, DropoutChangesTheResultOnlyWhenAsked) {
  at::manual_seed(9);
  Tensor q = at::randn({10, 2, 8}), k = at::randn({10, 2, 8}), v = at::randn({10, 2, 8});
  const std::vector<int64_t> bounds = {0, 10};
  Tensor a = varlen_attention(q, k, v, bounds, {0.3, 0, 0.0}), b = varlen_attention(q, k, v, bounds, {0.3, 0, 0.5});
  EXPECT_FALSE(at::allclose(a, b));
  EXPECT_TRUE(at::equal(a, varlen_attention(q, k, v, bounds, {0.3, 0, 0.0})));
}

}  // namespace
}  // namespace lf::testing
