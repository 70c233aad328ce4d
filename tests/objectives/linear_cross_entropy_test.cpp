// The chunked head against its twin, finite differences and a memory bound.
#include "objectives/linear_cross_entropy.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "tensor/precision.h"

namespace lf {

struct HeadCase {
  Tensor hidden, weight, bias, targets;
};

static HeadCase make_case(int64_t n, int64_t d, int64_t v, at::ScalarType type, bool with_bias, double masked) {
  at::manual_seed(11);
  HeadCase c;
  c.hidden = at::randn({n, d}).to(type).requires_grad_();
  c.weight = (at::randn({v, d}) * 0.5).to(type).requires_grad_();
  if (with_bias) c.bias = at::randn({v}).to(type).requires_grad_();
  c.targets = at::randint(v, {n}, at::kLong);
  c.targets.masked_fill_(at::rand({n}) < masked, -100);
  return c;
}

using Loss = LossOutput (*)(const Tensor&, const Tensor&, const Tensor&, const LinearCrossEntropyOptions&);

struct Outcome {
  double sum;
  int64_t count;
  Tensor hidden, weight, bias;
};

static Outcome run(Loss loss, const HeadCase& c, LinearCrossEntropyOptions options, double scale = 1) {
  options.bias = c.bias;
  for (Tensor t : {c.hidden, c.weight, c.bias}) {
    if (t.defined()) t.mutable_grad() = Tensor();
  }
  LossOutput out = loss(c.hidden, c.weight, c.targets, options);
  (out.sum * scale).backward();
  return {out.sum.item<double>(), out.count, c.hidden.grad(), c.weight.grad(),
          c.bias.defined() ? c.bias.grad() : Tensor()};
}

static double relative(const Tensor& a, const Tensor& b) {
  const Tensor x = a.to(at::kDouble), y = b.to(at::kDouble);
  return ((x - y).norm() / y.norm().clamp_min(1e-30)).item<double>();
}

struct Setting {
  at::ScalarType type;
  bool bias;
  double masked, smoothing;
  int64_t chunk_bytes;
  double tolerance;
};

class LinearCrossEntropy : public ::testing::TestWithParam<Setting> {};

TEST_P(LinearCrossEntropy, agrees_with_its_twin_in_loss_and_with_exact_gradients) {
  const Setting s = GetParam();
  const HeadCase c = make_case(53, 24, 3001, s.type, s.bias, s.masked);
  LinearCrossEntropyOptions options;
  options.label_smoothing = s.smoothing;
  options.chunk_bytes = s.chunk_bytes;
  const Outcome fast = run(linear_cross_entropy, c, options, 0.37),
                plain = run(cross_entropy_reference, c, options, 0.37);
  HeadCase wide = c;  // fp32 sums of the twin are no more exact than ours, so gradients are held against fp64
  for (Tensor* t : {&wide.hidden, &wide.weight, &wide.bias}) {
    if (t->defined()) *t = t->detach().to(at::kDouble).requires_grad_();
  }
  const Outcome exact = run(cross_entropy_reference, wide, options, 0.37);
  EXPECT_EQ(fast.count, plain.count);
  EXPECT_NEAR(fast.sum / plain.sum, 1.0, std::min(s.tolerance, 1e-4));
  EXPECT_LT(relative(fast.hidden, exact.hidden), s.tolerance);
  EXPECT_LT(relative(fast.weight, exact.weight), s.tolerance);
  if (s.bias) {
    EXPECT_LT(relative(fast.bias, exact.bias), s.tolerance);
  }
  EXPECT_EQ(fast.hidden.scalar_type(), s.type);
  EXPECT_EQ(fast.weight.scalar_type(), s.type);
}

INSTANTIATE_TEST_SUITE_P(Settings, LinearCrossEntropy,
                         ::testing::Values(Setting{at::kFloat, false, 0, 0, 1 << 30, 2e-6},
                                           Setting{at::kFloat, true, 0.4, 0, 40000, 2e-6},
                                           Setting{at::kFloat, false, 0.4, 0.1, 1, 2e-6},
                                           Setting{at::kDouble, true, 0.4, 0.1, 80000, 1e-12},
                                           Setting{at::kBFloat16, false, 0.4, 0, 1 << 30, 1e-2},
                                           Setting{at::kBFloat16, true, 0, 0.1, 20000, 1e-2}));

TEST(LinearCrossEntropy, gradients_equal_finite_differences) {
  HeadCase c = make_case(5, 4, 17, at::kDouble, true, 0.2);
  LinearCrossEntropyOptions options;
  options.label_smoothing = 0.1;
  const Outcome outcome = run(linear_cross_entropy, c, options);
  const double step = 1e-6;
  options.bias = c.bias;
  at::NoGradGuard no_grad;
  auto value = [&] { return linear_cross_entropy(c.hidden, c.weight, c.targets, options).sum.item<double>(); };
  for (auto [tensor, gradient] :
       {std::pair{c.hidden, outcome.hidden}, {c.weight, outcome.weight}, {c.bias, outcome.bias}}) {
    Tensor flat = tensor.view({-1});
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const double old = flat[i].item<double>();
      flat[i].fill_(old + step);
      const double above = value();
      flat[i].fill_(old - step);
      const double below = value();
      flat[i].fill_(old);
      EXPECT_NEAR((above - below) / (2 * step), gradient.reshape({-1})[i].item<double>(), 1e-7);
    }
  }
}

TEST(LinearCrossEntropy, masked_rows_get_no_gradient_and_a_batch_without_targets_gives_zero) {
  HeadCase c = make_case(6, 8, 40, at::kFloat, false, 0);
  c.targets[2].fill_(-100);
  Outcome outcome = run(linear_cross_entropy, c, {});
  EXPECT_EQ(outcome.count, 5);
  EXPECT_EQ(outcome.hidden[2].abs().sum().item<float>(), 0.0f);
  c.targets.fill_(-100);
  outcome = run(linear_cross_entropy, c, {});
  EXPECT_EQ(outcome.count, 0);
  EXPECT_EQ(outcome.sum, 0.0);
  EXPECT_EQ(outcome.hidden.abs().sum().item<float>(), 0.0f);
}

TEST(LinearCrossEntropy, reports_loss_and_hit_of_every_token) {
  const HeadCase c = make_case(64, 8, 5, at::kFloat, false, 0.3);
  TokenLosses tokens, twin;
  LinearCrossEntropyOptions options;
  options.tokens = &tokens;
  const double sum = linear_cross_entropy(c.hidden, c.weight, c.targets, options).sum.item<double>();
  options.tokens = &twin;
  cross_entropy_reference(c.hidden, c.weight, c.targets, options);
  EXPECT_TRUE(at::equal(tokens.correct, twin.correct));
  EXPECT_TRUE(at::allclose(tokens.losses, twin.losses, 1e-6, 1e-6));
  EXPECT_NEAR(tokens.losses.sum().item<double>(), sum, 1e-4);
  const int64_t hits = tokens.correct.sum().item<int64_t>();
  EXPECT_GT(hits, 0);
  EXPECT_LT(hits, 64);
  EXPECT_FALSE((tokens.correct & (c.targets == -100)).any().item<bool>());
}

TEST(LinearCrossEntropy, a_label_outside_the_vocabulary_is_refused) {
  HeadCase c = make_case(4, 8, 40, at::kFloat, false, 0);
  c.targets[1].fill_(40);
  EXPECT_THROW(linear_cross_entropy(c.hidden, c.weight, c.targets), Error);
  c.targets[1].fill_(-7);
  EXPECT_THROW(linear_cross_entropy(c.hidden, c.weight, c.targets), Error);
}

TEST(LinearCrossEntropy, a_nan_in_the_hidden_states_shows_in_the_loss) {
  HeadCase c = make_case(4, 8, 40, at::kFloat, false, 0);
  {
    at::NoGradGuard no_grad;
    c.hidden[1][3].fill_(std::nan(""));
  }
  EXPECT_TRUE(std::isnan(linear_cross_entropy(c.hidden, c.weight, c.targets).sum.item<float>()));
}

TEST(LinearCrossEntropy, extreme_logits_stay_finite) {
  HeadCase c = make_case(8, 8, 40, at::kFloat, false, 0);
  Tensor hidden = (c.hidden.detach() * 1e4).requires_grad_();
  c.hidden = hidden;
  const Outcome fast = run(linear_cross_entropy, c, {}), plain = run(cross_entropy_reference, c, {});
  EXPECT_NEAR(fast.sum / plain.sum, 1.0, 1e-6);
  EXPECT_LT(relative(fast.hidden, plain.hidden), 1e-5);
}

TEST(LinearCrossEntropy, under_bf16_logits_are_those_of_an_fp32_weight_rounded) {
  const HeadCase c = make_case(33, 24, 9001, at::kFloat, false, 0.2);
  ComputeDtype scope(at::kBFloat16);
  const Outcome fast = run(linear_cross_entropy, c, {}), plain = run(cross_entropy_reference, c, {});
  EXPECT_NEAR(fast.sum / plain.sum, 1.0, 1e-4);
  EXPECT_LT(relative(fast.hidden, plain.hidden), 1e-2);
  EXPECT_LT(relative(fast.weight, plain.weight), 1e-2);
  EXPECT_EQ(fast.weight.scalar_type(), at::kFloat);
}

static int64_t status_kilobytes(const std::string& key) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(key + ":")) return std::stoll(line.substr(key.size() + 1));
  }
  return -1;
}

TEST(LinearCrossEntropy, a_vocabulary_of_152_thousand_at_1024_tokens_needs_less_than_300_megabytes) {
  at::manual_seed(1);
  const Tensor hidden = at::randn({1024, 32}).to(at::kBFloat16).requires_grad_();
  const Tensor weight = at::randn({151936, 32}).to(at::kBFloat16);
  const Tensor targets = at::randint(151936, {1024}, at::kLong);
  std::ofstream reset("/proc/self/clear_refs");
  if (!(reset << "5" << std::flush)) GTEST_SKIP() << "skipped: the peak cannot be reset here";
  const int64_t before = status_kilobytes("VmRSS");
  linear_cross_entropy(hidden, weight, targets).sum.backward();
  const int64_t extra = status_kilobytes("VmHWM") - before;
  EXPECT_GT(extra, 0);
  EXPECT_LT(extra, 300 * 1000);
  EXPECT_TRUE(hidden.grad().isfinite().all().item<bool>());
}

}  // namespace lf
