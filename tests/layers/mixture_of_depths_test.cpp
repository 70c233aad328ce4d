#include "layers/mixture_of_depths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tensor/rng.h"

namespace lf::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kWidth = 3;

/// Doubles what it is given and remembers what that was.
class Doubling final : public DecoderLayer {
 public:
  std::vector<int64_t> bounds, positions;
  int64_t rows = 0;

 protected:
  Tensor compute(const Tensor& x, const LayerContext& context) override {
    rows = x.size(0);
    bounds = context.stream->bounds;
    const Tensor at = context.stream->positions;
    positions.assign(at.const_data_ptr<int64_t>(), at.const_data_ptr<int64_t>() + at.numel());
    EXPECT_EQ(context.cache, nullptr);
    for (const RopeTable& table : context.ropes) EXPECT_EQ(table.cos.size(0), rows);
    return x * 2;
  }
};

/// The router reads the first number of a token.
struct Layer {
  explicit Layer(int64_t window = 0)
      : block(new Doubling), layer(kWidth, window, std::unique_ptr<DecoderLayer>(block)) {
    at::NoGradGuard no_grad;
    layer.router().weight() = at::tensor({1.0, 0.0, 0.0}, at::kFloat).unsqueeze(0);
    layer.router().bias() = at::zeros({1}, at::kFloat);
  }
  Doubling* block;
  MixtureOfDepths layer;
};

Tensor tokens(const std::vector<float>& weights) {
  Tensor x = at::ones({static_cast<int64_t>(weights.size()), kWidth}, at::kFloat);
  x.select(1, 0).copy_(at::tensor(weights, at::kFloat));
  return x;
}

struct Pass {
  LayerContext context;
  TokenStream stream;
  Pass(int64_t n, std::vector<int64_t> bounds, double capacity) {
    stream = {at::zeros({n}, at::kLong), at::arange(100, 100 + n, at::kLong), std::move(bounds), {}};
    context.stream = &stream;
    context.depth_capacity = capacity;
    context.ropes.push_back({at::ones({n, 2}), at::zeros({n, 2}), false});
  }
};

TEST(MixtureOfDepths, TokensAboveTheThresholdGoThroughAndTheOthersPass) {
  Layer layer;
  const Tensor x = tokens({0.1f, 0.9f, 0.5f, 0.7f, 0.3f, 0.2f});
  Pass run(6, {0, 6}, 0.5);  // k = 3: the two above the third weight
  const Tensor y = layer.layer.forward(x, run.context);
  Tensor expected = x.clone();
  for (int64_t row : {1, 3}) expected[row] = x[row] * 2 * x[row][0];
  EXPECT_TRUE(at::allclose(y, expected));
  EXPECT_THAT(layer.block->positions, ElementsAre(101, 103));
  EXPECT_THAT(layer.block->bounds, ElementsAre(0, 2));
}

TEST(MixtureOfDepths, EverySequenceChoosesForItself) {
  Layer layer;
  const Tensor x = tokens({5, 6, 7, 8, 0.1f, 0.3f, 0.2f, 0.4f});
  Pass run(8, {0, 4, 8}, 0.5);  // k = 2: one of each
  layer.layer.forward(x, run.context);
  EXPECT_THAT(layer.block->positions, ElementsAre(103, 107));
  EXPECT_THAT(layer.block->bounds, ElementsAre(0, 1, 2));
}

TEST(MixtureOfDepths, AShortSequenceTakesItsLargestToken) {
  Layer layer;
  Pass run(3, {0, 3}, 0.125);
  layer.layer.forward(tokens({0.2f, 0.8f, 0.1f}), run.context);
  EXPECT_THAT(layer.block->positions, ElementsAre(101));
}

TEST(MixtureOfDepths, EqualWeightsTakeNothingAndSequencesWithoutTokensVanish) {
  Layer layer;
  const Tensor x = tokens({1, 1, 1, 1, 1, 2, 3, 4});
  Pass run(8, {0, 4, 8}, 0.5);
  EXPECT_TRUE(at::equal(layer.layer.forward(x, run.context).slice(0, 0, 4), x.slice(0, 0, 4)));
  EXPECT_THAT(layer.block->bounds, ElementsAre(0, 1));
  Pass none(4, {0, 4}, 0.5);
  EXPECT_TRUE(at::equal(layer.layer.forward(x.slice(0, 0, 4), none.context), x.slice(0, 0, 4)));
}

TEST(MixtureOfDepths, GradientsAreThoseOfFiniteDifferences) {
  Layer layer;
  layer.layer.router().weight() = at::tensor({0.7, -0.4, 0.3}, at::kDouble).unsqueeze(0).requires_grad_(true);
  layer.layer.router().bias() = at::tensor({0.2}, at::kDouble).requires_grad_(true);
  auto generator = make_generator(5);
  Tensor x = at::randn({9, kWidth}, generator, at::kDouble).requires_grad_(true);
  const Tensor pull = at::randn({9, kWidth}, generator, at::kDouble);
  Pass run(9, {0, 5, 9}, 0.6);
  const auto loss = [&] { return (layer.layer.forward(x, run.context).sin() * pull).sum(); };
  loss().backward();
  at::NoGradGuard no_grad;
  for (Tensor tensor : {layer.layer.router().weight(), layer.layer.router().bias(), x}) {
    ASSERT_TRUE(tensor.grad().defined());
    Tensor flat = tensor.view({-1});
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const double step = 1e-6, before = flat[i].item<double>();
      flat[i] = before + step;
      const double up = loss().item<double>();
      flat[i] = before - step;
      const double down = loss().item<double>();
      flat[i] = before;
      EXPECT_NEAR(tensor.grad().view({-1})[i].item<double>(), (up - down) / (2 * step), 1e-6) << i;
    }
  }
}

TEST(MixtureOfDepths, CapacityFallsFromAllToAnEighth) {
  EXPECT_EQ(depth_capacity(0), 0.125);
  EXPECT_EQ(depth_capacity(1), 1);
  EXPECT_EQ(depth_capacity(2), 0.5625);
  EXPECT_EQ(next_depth_pass(0), 1);
  EXPECT_EQ(next_depth_pass(999), 1000);
  EXPECT_EQ(next_depth_pass(1000), 1999);
}

class FullCache final : public KvCache {
 public:
  int64_t length(int64_t) const override { return 4; }
  void advance(int64_t, int64_t) override {}
  std::pair<Tensor, Tensor> append(int64_t, int64_t, const Tensor& k, const Tensor& v) override { return {k, v}; }
  Tensor& state(int64_t, int64_t, int64_t) override { return state_; }

 private:
  Tensor state_;
};

TEST(MixtureOfDepths, WhatItCannotDoIsRefused) {
  const auto message = [](Layer& layer, Pass& run) -> std::string {
    try {
      layer.layer.forward(tokens({1, 2, 3, 4}), run.context);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
      return error.what();
    }
    return "accepted";
  };
  Layer plain, windowed(3);
  Pass run(4, {0, 4}, 0.5), shifted(4, {0, 4}, 0.5), cached(4, {0, 4}, 0.5);
  EXPECT_EQ(message(plain, run), "accepted");
  EXPECT_THAT(message(windowed, run), HasSubstr("longer than the sliding window of 3"));
  shifted.context.shift_ratio = 0.25;
  EXPECT_THAT(message(plain, shifted), HasSubstr("shift_attn is not available"));
  FullCache cache;
  cached.context.cache = &cache;
  EXPECT_THAT(message(plain, cached), HasSubstr("cannot continue one from a cache"));
}

}  // namespace
}  // namespace lf::testing
