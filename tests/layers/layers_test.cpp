#include <gtest/gtest.h>

#include "layers/decoder_layer.h"
#include "layers/embedding.h"
#include "layers/linear.h"
#include "layers/rope/rope.h"
#include "tensor/precision.h"

namespace lf::testing {
namespace {

class LowRank : public LinearAdapter {
 public:
  LowRank(int64_t in, int64_t out, double dropout = 0)
      : a((at::randn({2, in})).requires_grad_(true)),
        b((at::randn({out, 2})).requires_grad_(true)),
        dropout_(dropout) {}
  const std::string& set_name() const override { return name_; }
  Tensor apply(const Tensor& x, const Tensor& y, bool) const override {
    return y + at::linear(at::linear(x, a), b) * 0.5;
  }
  std::optional<LowRankView> low_rank() const override { return LowRankView{a, b, 0.5, dropout_}; }
  Tensor delta() const override { return at::mm(b, a) * 0.5; }
  Tensor a, b;

 private:
  std::string name_ = "default";
  double dropout_;
};

std::unique_ptr<Linear> filled_linear(int64_t in, int64_t out, bool bias) {
  auto linear = std::make_unique<Linear>(in, out, bias);
  linear->weight() = at::randn({out, in});
  if (bias) linear->bias() = at::randn({out});
  return linear;
}

TEST(Linear, IsBornOnTheMetaDeviceWithoutMemory) {
  Linear linear(1 << 20, 1 << 20, true);
  EXPECT_TRUE(linear.weight().is_meta());
  EXPECT_EQ(linear.named_parameters().size(), 2u);
}

TEST(Linear, AdaptersAddUpAndCanBeSwitchedOff) {
  at::manual_seed(1);
  auto linear = filled_linear(6, 5, true);
  Tensor x = at::randn({3, 6});
  Tensor base = linear->forward(x);
  EXPECT_TRUE(at::allclose(base, at::linear(x, linear->weight(), linear->bias()), 1e-5, 1e-6));
  auto one = std::make_shared<LowRank>(6, 5), two = std::make_shared<LowRank>(6, 5);
  linear->add_adapter(one);
  linear->add_adapter(two);
  Tensor merged = at::linear(x, linear->weight() + one->delta() + two->delta(), linear->bias());
  EXPECT_TRUE(at::allclose(linear->forward(x), merged, 1e-4, 1e-5));
  linear->set_adapters_enabled(false);
  EXPECT_TRUE(at::equal(linear->forward(x), base));
}

TEST(Linear, AdapterDropoutActsInTrainingOnly) {
  at::manual_seed(2);
  auto linear = filled_linear(6, 5, false);
  linear->add_adapter(std::make_shared<LowRank>(6, 5, 0.5));
  Tensor x = at::randn({40, 6});
  EXPECT_TRUE(at::equal(linear->forward(x), linear->forward(x)));
  linear->set_training(true);
  EXPECT_FALSE(at::equal(linear->forward(x), linear->forward(x)));
}

TEST(Linear, RunsInTheComputeDtype) {
  auto linear = filled_linear(6, 5, true);
  Tensor x = at::randn({3, 6});
  EXPECT_EQ(linear->forward(x).scalar_type(), at::kFloat);
  ComputeDtype scope(at::kBFloat16);
  EXPECT_EQ(linear->forward(x).scalar_type(), at::kBFloat16);
}

TEST(Linear, ATiedWeightFollowsItsOwner) {
  Embedding embedding(7, 4, std::nullopt);
  Linear head(embedding.weight());
  embedding.weight() = at::randn({7, 4});
  Tensor x = at::randn({2, 4});
  EXPECT_TRUE(at::allclose(head.forward(x), at::linear(x, embedding.weight()), 1e-5, 1e-6));
  EXPECT_TRUE(head.is_tied());
}

struct DoubledStorage : WeightStorage {
  Tensor multiply(const Tensor& x, const Tensor&) const override { return x * 2; }
  Tensor dense() const override { return at::eye(3) * 2; }
};

TEST(Linear, OtherStorageTakesTheWeightsPlaceAndAdaptersStillApply) {
  Linear linear(3, 3, false);
  linear.set_storage(std::make_unique<DoubledStorage>());
  auto adapter = std::make_shared<LowRank>(3, 3);
  linear.add_adapter(adapter);
  Tensor x = at::randn({2, 3});
  EXPECT_TRUE(at::allclose(linear.forward(x), x * 2 + at::linear(x, adapter->delta()), 1e-4, 1e-5));
  EXPECT_TRUE(linear.named_parameters().empty());
}

TEST(Embedding, ThePaddingRowGetsNoGradient) {
  Embedding embedding(5, 3, 0);
  embedding.weight() = at::randn({5, 3}).requires_grad_(true);
  embedding.forward(at::tensor({0, 2, 0}, at::kLong)).sum().backward();
  EXPECT_EQ(embedding.weight().grad()[0].abs().sum().item<float>(), 0.0f);
  EXPECT_EQ(embedding.weight().grad()[2].sum().item<float>(), 3.0f);
}

TEST(Rope, LinearScalingStretchesPositions) {
  Rope plain({}, 8), scaled({.scaling = RopeScaling::kLinear, .factor = 4}, 8);
  Tensor positions = at::arange(16, at::kLong);
  EXPECT_TRUE(
      at::allclose(scaled.table(positions * 4, at::kFloat).cos, plain.table(positions, at::kFloat).cos, 1e-5, 1e-5));
}

TEST(Rope, DynamicScalingStartsAboveTheTrainedLengthAndKeepsNoState) {
  Rope plain({}, 8), dynamic({.scaling = RopeScaling::kDynamic, .factor = 2, .max_positions = 16}, 8);
  EXPECT_TRUE(at::equal(dynamic.inverse_frequencies(16), plain.inverse_frequencies(16)));
  EXPECT_FALSE(at::equal(dynamic.inverse_frequencies(17), plain.inverse_frequencies(17)));
  Tensor shorter = at::arange(10, at::kLong);
  Tensor before = dynamic.table(shorter, at::kFloat).sin;
  dynamic.table(at::arange(40, at::kLong), at::kFloat);
  EXPECT_TRUE(at::equal(dynamic.table(shorter, at::kFloat).sin, before));
}

TEST(Rope, YarnKeepsFastDimensionsStretchesSlowOnesAndScalesAttention) {
  RopeSpec spec{.scaling = RopeScaling::kYarn, .factor = 8, .original_max_positions = 4096};
  Rope plain({}, 64), yarn(spec, 64);
  Tensor ratio = plain.inverse_frequencies(0) / yarn.inverse_frequencies(0);
  EXPECT_FLOAT_EQ(ratio[0].item<float>(), 1.0f);
  EXPECT_NEAR(ratio[31].item<float>(), 8.0f, 1e-4);
  EXPECT_NEAR(yarn.attention_factor(), 0.1 * std::log(8.0) + 1.0, 1e-12);
  spec.attention_factor = 0.5;
  EXPECT_EQ(Rope(spec, 64).attention_factor(), 0.5);
}

TEST(Rope, TablesAreRoundedToTheHiddenDtype) {
  Rope rope({}, 8);
  Tensor cos = rope.table(at::arange(9, at::kLong), at::kBFloat16).cos;
  EXPECT_EQ(cos.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(cos, cos.to(at::kBFloat16).to(at::kFloat)));
}

class DecoderLayerTest : public ::testing::Test {
 protected:
  DecoderLayerTest()
      : layer({.hidden_size = 8},
              std::make_unique<Attention>(AttentionSpec{.heads = 2, .kv_heads = 1, .head_dim = 4}, NormSpec{},
                                          LayerPlace{.hidden_size = 8}),
              "self_attn", std::make_unique<Mlp>(MlpSpec{.intermediate_size = 12}, 8), "mlp"),
        rope({}, 4) {
    at::manual_seed(3);
    for (const NamedParameter& p : layer.named_parameters()) *p.tensor = at::randn(p.tensor->sizes()) * 0.3;
    stream = {at::zeros({6}, at::kLong), at::arange(6, at::kLong), {0, 6}, {}};
    context.stream = &stream;
    context.ropes = {rope.table(stream.positions, at::kFloat)};
  }
  TransformerBlock layer;
  Rope rope;
  TokenStream stream;
  LayerContext context;
};

TEST_F(DecoderLayerTest, HooksRunAroundForwardAndBackward) {
  std::vector<HookPoint> seen;
  layer.add_hook([&](Module&, HookPoint point) { seen.push_back(point); });
  Tensor x = at::randn({6, 8}).requires_grad_(true);
  layer.forward(x * 1.0, context).sum().backward();
  EXPECT_EQ(seen, (std::vector<HookPoint>{HookPoint::kBeforeForward, HookPoint::kAfterForward,
                                          HookPoint::kBeforeBackward, HookPoint::kAfterBackward}));
}

TEST_F(DecoderLayerTest, ATokenSeesOnlyItselfAndEarlierOnes) {
  Tensor x = at::randn({6, 8}), changed = x.clone();
  changed[4] += 1;
  Tensor a = layer.forward(x, context), b = layer.forward(changed, context);
  EXPECT_TRUE(at::allclose(a.slice(0, 0, 4), b.slice(0, 0, 4), 1e-6, 1e-6));
  EXPECT_FALSE(at::allclose(a[5], b[5], 1e-3, 1e-3));
}

TEST_F(DecoderLayerTest, NamesItsParametersAsHuggingFaceDoes) {
  std::vector<std::string> names;
  for (const NamedParameter& p : layer.named_parameters()) names.push_back(p.name);
  EXPECT_EQ(names, (std::vector<std::string>{"self_attn.q_proj.weight", "self_attn.k_proj.weight",
                                             "self_attn.v_proj.weight", "self_attn.o_proj.weight",
                                             "mlp.gate_proj.weight", "mlp.up_proj.weight", "mlp.down_proj.weight",
                                             "input_layernorm.weight", "post_attention_layernorm.weight"}));
}

}  // namespace
}  // namespace lf::testing
