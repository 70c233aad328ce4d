#include "layers/moe/moe.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "kernels/checkpoint.h"
#include "kernels/sparse_mixer.h"
#include "layers/moe/sequence_balance.h"
#include "layers/router_log.h"

namespace lf::testing {
namespace {

Tensor row(std::initializer_list<double> values) {
  return at::tensor(std::vector<double>(values), at::kFloat).view({1, -1});
}

struct RuleCase {
  std::string name;
  RouterSpec spec;
  Tensor logits;             // 1 X
  std::vector<int64_t> ids;  // in order of choice
  std::vector<double> weights;
};
void PrintTo(const RuleCase& c, std::ostream* out) { *out << c.name; }

class RouterRuleTest : public ::testing::TestWithParam<RuleCase> {};

TEST_P(RouterRuleTest, ChoosesAndWeighsAsDefined) {
  const RuleCase& c = GetParam();
  Router router(c.spec, 4, c.logits.size(1));
  const Routing routing = router.route(c.logits);
  EXPECT_TRUE(routing.ids.equal(at::tensor(c.ids, at::kLong).view({1, -1}))) << routing.ids;
  EXPECT_TRUE(at::allclose(routing.weights, at::tensor(c.weights, at::kFloat).view({1, -1}), 1e-5, 1e-6))
      << routing.weights;
}

/// Logits whose softmax is 0.1, 0.2, 0.3, 0.4.
Tensor tenths() { return row({std::log(1.0), std::log(2.0), std::log(3.0), std::log(4.0)}); }
/// Logits whose sigmoids are 0.2, 0.5, 0.8, 0.6.
Tensor fifths() { return row({std::log(0.25), 0.0, std::log(4.0), std::log(1.5)}); }

INSTANTIATE_TEST_SUITE_P(
    Rules, RouterRuleTest,
    ::testing::Values(
        RuleCase{"softmax", {.chosen = 2}, tenths(), {3, 2}, {0.4, 0.3}},
        RuleCase{"softmax_renormalised", {.chosen = 2, .renormalise = true}, tenths(), {3, 2}, {4.0 / 7, 3.0 / 7}},
        RuleCase{"softmax_scaled", {.chosen = 1, .scale = 2.5}, tenths(), {3}, {1.0}},
        RuleCase{"two_norm", {.chosen = 2, .renormalise = true, .norm_power = 2}, tenths(), {3, 2}, {0.8, 0.6}},
        RuleCase{"floor", {.chosen = 2, .renormalise = true, .norm_floor = 2.0}, tenths(), {3, 2}, {0.2, 0.15}},
        RuleCase{
            "chosen_softmax", {.rule = RouterRule::kChosenSoftmax, .chosen = 2}, tenths(), {3, 2}, {4.0 / 7, 3.0 / 7}},
        RuleCase{"sigmoid", {.rule = RouterRule::kSigmoid, .chosen = 2}, fifths(), {2, 3}, {0.8, 0.6}},
        RuleCase{"sigmoid_renormalised",
                 {.rule = RouterRule::kSigmoid, .chosen = 2, .renormalise = true, .scale = 2.0},
                 fifths(),
                 {2, 3},
                 {1.6 / 1.4, 1.2 / 1.4}},
        // Groups {0, 1} and {2, 3}: the best expert is in the first, the best pair in the second.
        RuleCase{"best_group_by_one",
                 {.chosen = 2, .groups = 2, .kept_groups = 1, .group_score = GroupScore::kLargest},
                 row({std::log(5.0), std::log(1.0), std::log(3.0), std::log(3.0)}),
                 {0, 1},
                 {5.0 / 12, 1.0 / 12}},
        RuleCase{"best_group_by_two",
                 {.rule = RouterRule::kSigmoid,
                  .chosen = 1,
                  .groups = 2,
                  .kept_groups = 1,
                  .group_score = GroupScore::kTwoLargest},
                 row({std::log(9.0), std::log(0.1), std::log(4.0), std::log(3.0)}),
                 {2},
                 {0.8}}),
    [](const auto& info) { return info.param.name; });

TEST(Router, TheCorrectionBiasChoosesButDoesNotWeigh) {
  Router router({.rule = RouterRule::kSigmoid, .chosen = 1, .correction_bias = "bias"}, 4, 4);
  *router.named_tensors().back().tensor = at::tensor({1.0, 0.0, 0.0, 0.0}, at::kFloat);
  const Routing routing = router.route(fifths());
  EXPECT_EQ(routing.ids.item<int64_t>(), 0);
  EXPECT_NEAR(routing.weights.item<double>(), 0.2, 1e-6);
}

TEST(Router, TheCorrectionBiasIsABufferThatNothingTrains) {
  Router router({.chosen = 1, .correction_bias = "bias"}, 4, 4);
  EXPECT_EQ(router.named_parameters().size(), 1u);
  EXPECT_EQ(router.named_tensors().size(), 2u);
}

TEST(SparseMixer, ChoosesTheBestTwoAndWeighsEachAmongItsNeighbours) {
  // 2.00 and 1.99 are within 2 percent of the best; 1.0 is not. Without 2.00, only 1.99 is left.
  const Routing routing = sparse_mixer(row({1.0, 2.0, 1.99, -3.0}), 0.01, false);
  EXPECT_TRUE(routing.ids.equal(at::tensor({1, 2}, at::kLong).view({1, 2})));
  EXPECT_NEAR(routing.weights[0][0].item<double>(), 1 / (1 + std::exp(-0.01)), 1e-6);
  EXPECT_NEAR(routing.weights[0][1].item<double>(), 1.0, 1e-6);
}

TEST(SparseMixer, TrainingDrawsAmongNeighboursInProportionToTheirProbability) {
  at::manual_seed(3);
  Tensor logits = row({5.0, 5.05, -1.0, 1.0}).repeat({4000, 1});
  const Routing routing = sparse_mixer(logits, 0.01, true);
  const double first = (routing.ids.select(1, 0) == 1).to(at::kFloat).mean().item<double>();
  EXPECT_NEAR(first, 1 / (1 + std::exp(-0.05)), 0.03);
  EXPECT_TRUE((routing.ids < 2).all().item<bool>());
  EXPECT_TRUE((routing.ids.select(1, 0) != routing.ids.select(1, 1)).all().item<bool>());
}

TEST(SparseMixer, TheGradientOfADrawnExpertLeavesOutTheFactor) {
  Tensor logits = row({0.3, -0.2, 0.5}).requires_grad_(true), p = at::softmax(logits.detach(), -1);
  Tensor id = at::tensor({1}, at::kLong).view({1, 1});
  Tensor weight = sparse_mixer_weight(logits, id, p, at::full({1, 1}, 0.3333));
  EXPECT_NEAR(weight.item<double>(), 0.3333 * p[0][1].item<double>(), 1e-6);
  weight.backward(at::full({1, 1}, 2.0));
  Tensor want = (at::one_hot(id, 3).view({1, 3}).to(at::kFloat) - p) * p[0][1] * 2.0;
  EXPECT_TRUE(at::allclose(logits.grad(), want, 1e-5, 1e-6));
}

/// X sum_x f_x p_x over the tokens of all layers, as transformers writes it.
Tensor plain_loss(const std::vector<Tensor>& layers, int64_t chosen) {
  Tensor p = at::softmax(at::cat(layers), -1);
  Tensor mask = at::one_hot(std::get<1>(p.topk(chosen, -1)), p.size(1)).to(at::kFloat);
  return (mask.mean(0) * p.mean(0).unsqueeze(0)).sum() * p.size(1);
}

constexpr double kCoefficient = 0.3;

/// A "model" of three layers, x -> tanh(x W_i), whose routers see x V_i; the loss is sum(hidden^2) + c * balance.
struct Toy {
  explicit Toy(bool recompute) : recompute(recompute) {
    at::manual_seed(5);
    for (int i = 0; i < 3; ++i) {
      w.push_back((at::randn({6, 6}) * 0.5).requires_grad_(true));
      v.push_back(at::randn({6, 5}).requires_grad_(true));
    }
  }
  Tensor layer(const Tensor& x, int64_t i, RouterLog* log, std::vector<Tensor>* seen) {
    Tensor logits = x.matmul(v[i]);
    if (seen) seen->push_back(logits);
    if (log) logits = log->record(logits, i);
    return at::tanh(x.matmul(w[i])) * at::softmax(logits, -1).select(1, 0).unsqueeze(1);
  }
  double run(bool plain) {
    Tensor x = at::linspace(-1, 1, 42).view({7, 6}), total;
    std::vector<Tensor> seen;
    auto log = std::make_shared<RouterLog>(2);
    for (int64_t i = 0; i < 3; ++i) {
      if (recompute && !plain) {
        x = checkpoint([=, this](const Tensor& in) { return layer(in, i, log.get(), nullptr); }, x);
      } else {
        x = layer(x, i, plain ? nullptr : log.get(), plain ? &seen : nullptr);
      }
    }
    Tensor balance;
    if (plain) {
      balance = plain_loss(seen, 2);
    } else {
      std::tie(x, balance) = log->close(x);
    }
    (x.square().sum() + balance * kCoefficient).backward();
    return balance.item<double>();
  }
  bool recompute;
  std::vector<Tensor> w, v;
};

class RouterLogTest : public ::testing::TestWithParam<bool> {};

TEST_P(RouterLogTest, ValueAndGradientsAreThoseOfThePlainDefinition) {
  Toy ours(GetParam()), plain(false);
  EXPECT_NEAR(ours.run(false), plain.run(true), 1e-6);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(at::allclose(ours.v[i].grad(), plain.v[i].grad(), 1e-4, 1e-7)) << i;
    EXPECT_TRUE(at::allclose(ours.w[i].grad(), plain.w[i].grad(), 1e-4, 1e-7)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Activations, RouterLogTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "recomputed" : "kept"; });

TEST(RouterLog, NoMixtureMeansNoLoss) {
  Tensor hidden = at::randn({3, 4}).requires_grad_(true);
  auto [same, loss] = std::make_shared<RouterLog>(2)->close(hidden);
  EXPECT_TRUE(same.is_same(hidden));
  EXPECT_EQ(loss.item<float>(), 0);
}

/// As the code published with DeepSeekMoE writes it: for each sequence, shares of the choices times mean probabilities.
Tensor plain_balance(const Tensor& logits, const std::vector<int64_t>& bounds, int64_t chosen, double alpha) {
  Tensor p = at::softmax(logits, -1), ids = std::get<1>(p.detach().topk(chosen, -1)), total = at::zeros({});
  for (size_t s = 0; s + 1 < bounds.size(); ++s) {
    Tensor own = p.slice(0, bounds[s], bounds[s + 1]);
    Tensor counts = at::bincount(ids.slice(0, bounds[s], bounds[s + 1]).flatten(), {}, p.size(1)).to(at::kFloat);
    total = total + (counts / (static_cast<double>(own.size(0) * chosen) / p.size(1)) * own.mean(0)).sum();
  }
  return total * alpha / static_cast<double>(bounds.size() - 1);
}

TEST(SequenceBalance, AddsItsGradientOnceWhateverTheLossIsWorth) {
  const std::vector<int64_t> bounds = {0, 3, 8};
  Tensor logits = at::randn({8, 5}), weights = at::randn({8, 5});
  Tensor ours = logits.clone().requires_grad_(true), plain = logits.clone().requires_grad_(true);
  Tensor same = balanced_within_sequences(ours, bounds, 2, 0.3);
  EXPECT_TRUE(at::equal(same, logits));
  (same * weights).sum().mul(0.25).backward();
  ((plain * weights).sum() * 0.25 + plain_balance(plain, bounds, 2, 0.3)).backward();
  EXPECT_TRUE(at::allclose(ours.grad(), plain.grad(), 1e-5, 1e-7)) << ours.grad() - plain.grad();
}

TEST(SequenceBalance, ActsInTrainingOnly) {
  MoeSpec spec;
  spec.router.chosen = 2;
  spec.experts.count = 4;
  spec.experts.width = 3;
  const auto router_gradient = [&](double balance, bool training) {
    spec.router.balance = balance;
    MixtureOfExperts layer(spec, {.hidden_size = 6});
    at::manual_seed(5);
    for (const NamedParameter& p : layer.named_parameters()) {
      *p.tensor = at::randn(p.tensor->sizes()).requires_grad_(true);
    }
    set_training_tree(layer, training);
    TokenStream stream;
    stream.bounds = {0, 4, 7};
    LayerContext context;
    context.stream = &stream;
    layer.forward(at::randn({7, 6}), context).sum().backward();
    for (const NamedParameter& p : layer.named_parameters()) {
      if (p.name == "gate.weight") return p.tensor->grad().clone();
    }
    return Tensor();
  };
  EXPECT_TRUE(at::equal(router_gradient(0.1, false), router_gradient(0.0, true)));
  EXPECT_FALSE(at::allclose(router_gradient(0.1, true), router_gradient(0.0, true)));
}

TEST(MoeSpec, ImpossibleSizesAreRefused) {
  const auto refused = [](auto change) {
    MoeSpec spec;
    spec.experts.count = 8;
    spec.experts.width = 4;
    spec.router.chosen = 2;
    spec.validate();
    change(spec);
    EXPECT_THROW(spec.validate(), Error);
  };
  refused([](MoeSpec& s) { s.experts.count = 0; });
  refused([](MoeSpec& s) { s.experts.width = 0; });
  refused([](MoeSpec& s) { s.router.chosen = 0; });
  refused([](MoeSpec& s) { s.router.chosen = 9; });
  refused([](MoeSpec& s) { s.router.groups = 3; });
  refused([](MoeSpec& s) { s.router.groups = 4, s.router.kept_groups = 5; });
  refused([](MoeSpec& s) { s.router.groups = 8, s.router.kept_groups = 1; });
  refused([](MoeSpec& s) { s.router.rule = RouterRule::kSparseMixer, s.router.chosen = 3; });
  refused([](MoeSpec& s) { s.shared = MlpSpec{}; });
}

}  // namespace
}  // namespace lf::testing
