// Layers of families whose code is published beside their weights: a head with rows of length one, rotary bases that
// grow in steps, block-sparse attention, convolutions over neighbouring tokens.
#include <gtest/gtest.h>

#include "kernels/attention.h"
#include "layers/linear.h"
#include "layers/mixers/block_sparse_attention.h"
#include "layers/mixers/filtered_attention.h"
#include "layers/rope/rope.h"
#include "tensor/pch.h"

namespace lf::testing {
namespace {

TEST(NormalizedLinear, DividesEveryRowByItsLength) {
  Linear head(6, 5, false);
  head.weight() = at::randn({5, 6}).requires_grad_(true);
  head.normalize_rows();
  Tensor x = at::randn({3, 6}), direct = head.weight().detach().clone().requires_grad_(true);
  Tensor expected = at::linear(x, direct / direct.square().sum(1, true).sqrt());
  EXPECT_TRUE(at::allclose(head.forward(x), expected, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(at::linear(x, head.effective_weight()), expected, 1e-5, 1e-6));
  Tensor weights = at::randn({3, 5});
  (head.forward(x) * weights).sum().backward();
  (expected * weights).sum().backward();
  EXPECT_TRUE(at::allclose(head.weight().grad(), direct.grad(), 1e-4, 1e-5));
}

TEST(SteppedRope, RaisesTheBaseWithEveryDoubling) {
  const RopeSpec spec{.scaling = RopeScaling::kNtkSteps, .original_max_positions = 8, .steps_in_training = false};
  const Rope stepped(spec, 16);
  for (const auto& [length, step] : std::map<int64_t, double>{{1, 1}, {8, 1}, {9, 3}, {16, 3}, {17, 7}, {33, 15}}) {
    const Rope plain({.theta = 10000.0 * std::pow(step, 16.0 / 14.0)}, 16);
    EXPECT_TRUE(at::allclose(stepped.inverse_frequencies(length), plain.inverse_frequencies(0))) << length;
    EXPECT_TRUE(at::equal(stepped.inverse_frequencies(length, true), Rope({}, 16).inverse_frequencies(0))) << length;
  }
  EXPECT_FALSE(stepped.outgrown(3, 8));
  EXPECT_TRUE(stepped.outgrown(8, 9));
  EXPECT_FALSE(stepped.outgrown(9, 16));
  EXPECT_FALSE(stepped.outgrown(0, 100));
}

TEST(SteppedRope, CountsTheTrainedLengthAtLeastAndStretchesCosinesBeyondIt) {
  const RopeSpec spec{
      .scaling = RopeScaling::kNtkSteps, .max_positions = 16, .original_max_positions = 8, .length_mscale = true};
  Rope stepped(spec, 16);
  EXPECT_TRUE(at::equal(stepped.inverse_frequencies(2), stepped.inverse_frequencies(16)));
  EXPECT_TRUE(at::equal(stepped.inverse_frequencies(2, true), stepped.inverse_frequencies(16)));
  EXPECT_FLOAT_EQ(stepped.table(at::arange(4), at::kFloat).cos[0][0].item<float>(), 1.0f);
  EXPECT_FLOAT_EQ(stepped.table(at::arange(32), at::kFloat).cos[0][0].item<float>(), 1.0f + 0.1f * std::log(2.0f));
  EXPECT_FLOAT_EQ(stepped.table(at::arange(32), at::kFloat, true).cos[0][0].item<float>(),
                  1.0f + 0.1f * std::log(2.0f));
}

TEST(LongRope, MayGiveAnAttentionFactorForEachKindOfLength) {
  RopeSpec spec{.scaling = RopeScaling::kLongrope, .factor = 4, .original_max_positions = 8};
  spec.short_factor = spec.long_factor = {1, 1, 1, 1};
  spec.short_mscale = 1.5;
  spec.long_mscale = 2.5;
  Rope rope(spec, 8);
  EXPECT_FLOAT_EQ(rope.table(at::arange(8), at::kFloat).cos[0][0].item<float>(), 1.5f);
  EXPECT_FLOAT_EQ(rope.table(at::arange(9), at::kFloat).cos[0][0].item<float>(), 2.5f);
}

/// H T T: what a token sees, written out.
Tensor seen(int64_t heads, int64_t tokens, const BlockSparsity& s) {
  Tensor out = at::zeros({heads, tokens, tokens}, at::kBool);
  for (int64_t h = 0; h < heads; ++h) {
    for (int64_t q = 0; q < tokens; ++q) {
      for (int64_t k = 0; k <= q; ++k) {
        const int64_t row = q / s.block, column = k / s.block;
        out[h][q][k] = row - column < s.local_blocks || (column + 1 + h * s.head_step) % s.stride == 0;
      }
    }
  }
  return out;
}

TEST(BlockSparseAttention, EqualsAttentionUnderItsMaskForwardBackwardAndFromAnyToken) {
  for (const BlockSparsity& sparsity :
       {BlockSparsity{.block = 4, .local_blocks = 2, .stride = 3}, BlockSparsity{4, 1, 2, 0}, BlockSparsity{5, 3, 8}}) {
    const int64_t heads = 6, tokens = 43, width = 8;
    Tensor q = at::randn({tokens, heads, width}), k = at::randn({3, tokens, width}), v = at::randn({3, tokens, width});
    for (Tensor* x : {&q, &k, &v}) x->requires_grad_(true);
    Tensor out = block_sparse_attention(q, k, v, 0.3, 0.0, sparsity);
    Tensor all_k = k.repeat_interleave(2, 0), all_v = v.repeat_interleave(2, 0);
    Tensor scores = at::matmul(q.transpose(0, 1), all_k.transpose(1, 2)) * 0.3;
    scores = scores.masked_fill(seen(heads, tokens, sparsity).logical_not(), -std::numeric_limits<double>::infinity());
    Tensor expected = at::matmul(at::softmax(scores, -1), all_v).transpose(0, 1);
    EXPECT_TRUE(at::allclose(out, expected, 1e-5, 1e-5));
    Tensor weights = at::randn(out.sizes());
    const auto gradients_of = [&](const Tensor& y) {
      (y * weights).sum().backward();
      std::vector<Tensor> gradients;
      for (Tensor* x : {&q, &k, &v}) {
        gradients.push_back(x->grad());
        x->mutable_grad() = Tensor();
      }
      return gradients;
    };
    const std::vector<Tensor> got = gradients_of(out), want = gradients_of(expected);
    for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(at::allclose(got[i], want[i], 1e-4, 1e-5)) << i;
    at::NoGradGuard no_grad;
    for (int64_t last : {1, 7, 20}) {
      Tensor tail = block_sparse_attention(q.slice(0, tokens - last), k, v, 0.3, 0.0, sparsity);
      EXPECT_TRUE(at::allclose(tail, expected.slice(0, tokens - last), 1e-5, 1e-5)) << last;
    }
  }
}

TEST(PairConvolution, EqualsAConvolutionPaddedBeforeTheStart) {
  PairConvolution convolution(6, 4);
  const std::vector<NamedParameter> parameters = convolution.named_parameters();
  for (const NamedParameter& parameter : parameters) *parameter.tensor = at::randn(parameter.tensor->sizes());
  Tensor x = at::randn({9, 6}), previous = at::cat({at::zeros({1, 6}), x.slice(0, 0, 8)});
  Tensor image = at::constant_pad_nd(x.t().view({1, 6, 9, 1}), {0, 0, 1, 0});
  Tensor expected = at::conv2d(image, *parameters[0].tensor, *parameters[1].tensor).view({4, 9}).t();
  EXPECT_TRUE(at::allclose(convolution.forward(x, previous), expected, 1e-5, 1e-5));
}

}  // namespace
}  // namespace lf::testing
