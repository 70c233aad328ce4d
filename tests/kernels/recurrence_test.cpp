// Short convolutions, delta rule, state space scans and linear attention: one table of rows, one runner.
#include "kernels/gated_delta_rule.h"
#include "kernels/kernel_check.h"
#include "kernels/linear_attention.h"
#include "kernels/linear_scan.h"
#include "kernels/short_conv.h"

namespace lf::testing {
namespace {

using Bounds = std::vector<int64_t>;

/// A recurrence as a function of raw (unbounded) inputs, so that finite differences may move them anywhere.
struct Op {
  std::string name;
  std::function<Tensor(const std::vector<Tensor>&, const Bounds&, SequenceStates*)> kernel;
  std::function<Tensor(const std::vector<Tensor>&, const Bounds&)> twin;
  std::function<std::vector<std::vector<int64_t>>(int64_t tokens)> shapes;
  size_t streams;  // how many of the inputs run over the tokens
};

GatedDeltaInputs delta_inputs(const std::vector<Tensor>& t) {
  return {t[0], t[1], t[2], -at::softplus(t[3]), at::sigmoid(t[4])};
}
SsdInputs ssd_inputs(const std::vector<Tensor>& t) {
  return {t[0], at::softplus(t[1]), t[2], t[3], -at::exp(t[4]), t[5]};
}
SelectiveScanInputs selective_inputs(const std::vector<Tensor>& t) {
  return {t[0], at::softplus(t[1]), -at::exp(t[4]), t[2], t[3], t[5]};
}

const std::vector<Op> kOps = {
    {"short_conv",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return short_conv(t[0], t[1], t[2], bounds, {.silu = true}, states);
     },
     [](const auto& t, const Bounds& bounds) { return short_conv_reference(t[0], t[1], t[2], bounds, {.silu = true}); },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 6}, {6, 1, 4}, {6}};
     },
     1},
    {"short_conv_without_bias_or_activation",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return short_conv(t[0], t[1], Tensor(), bounds, {}, states);
     },
     [](const auto& t, const Bounds& bounds) { return short_conv_reference(t[0], t[1], Tensor(), bounds, {}); },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 5}, {5, 1, 3}};
     },
     1},
    {"gated_delta_rule",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return gated_delta_rule(delta_inputs(t), bounds, states);
     },
     [](const auto& t, const Bounds& bounds) { return gated_delta_rule_reference(delta_inputs(t), bounds); },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 2, 4}, {n, 2, 4}, {n, 4, 6}, {n, 4}, {n, 4}};
     },
     5},
    {"ssd_scan",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return ssd_scan(ssd_inputs(t), bounds, states);
     },
     [](const auto& t, const Bounds& bounds) { return ssd_scan_reference(ssd_inputs(t), bounds); },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 4, 3}, {n, 4}, {n, 2, 5}, {n, 2, 5}, {4}, {4}};
     },
     4},
    {"lightning_attention",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return lightning_attention(t[0], t[1], t[2], at::softplus(t[3]), bounds, states);
     },
     [](const auto& t, const Bounds& bounds) {
       return lightning_attention_reference(t[0], t[1], t[2], at::softplus(t[3]), bounds);
     },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 3, 4}, {n, 3, 4}, {n, 3, 5}, {3}};
     },
     3},
    {"selective_scan",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return selective_scan(selective_inputs(t), bounds, states);
     },
     [](const auto& t, const Bounds& bounds) { return selective_scan_reference(selective_inputs(t), bounds); },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 6}, {n, 6}, {n, 4}, {n, 4}, {6, 4}, {6}};
     },
     4},
    {"gated_recurrence",
     [](const auto& t, const Bounds& bounds, SequenceStates* states) {
       return gated_recurrence(at::sigmoid(t[0]), t[1], bounds, states);
     },
     [](const auto& t, const Bounds& bounds) {
       std::vector<Tensor> parts;
       for (size_t s = 0; s + 1 < bounds.size(); ++s) {
         if (bounds[s] == bounds[s + 1]) continue;
         parts.push_back(linear_scan_reference(at::sigmoid(t[0].slice(0, bounds[s], bounds[s + 1])),
                                               t[1].slice(0, bounds[s], bounds[s + 1]),
                                               at::zeros({7}, t[1].options())));
       }
       return at::cat(parts);
     },
     [](int64_t n) {
       return std::vector<std::vector<int64_t>>{{n, 7}, {n, 7}};
     },
     2},
};

class RecurrenceTest : public ::testing::TestWithParam<std::tuple<Op, Bounds>> {
 protected:
  const Op& op() const { return std::get<0>(GetParam()); }
  const Bounds& bounds() const { return std::get<1>(GetParam()); }
  std::vector<Tensor> inputs(c10::ScalarType dtype) const {
    at::manual_seed(11);
    std::vector<Tensor> out;
    for (const auto& shape : op().shapes(bounds().back())) out.push_back(at::randn(shape).to(dtype));
    return out;
  }
  std::vector<bool> all() const { return std::vector<bool>(op().shapes(1).size(), true); }
  Kernel kernel() const {
    return [this](const std::vector<Tensor>& t) { return op().kernel(t, bounds(), nullptr); };
  }
  Kernel twin() const {
    return [this](const std::vector<Tensor>& t) { return op().twin(t, bounds()); };
  }
};

TEST_P(RecurrenceTest, AgreesWithItsTwinInFp32) { expect_like_twin(kernel(), twin(), inputs(at::kFloat), all(), 2e-5); }

TEST_P(RecurrenceTest, AgreesWithItsTwinInDouble) {
  expect_like_twin(kernel(), twin(), inputs(at::kDouble), all(), 1e-12);
}

TEST_P(RecurrenceTest, AgreesWithItsTwinInBf16) {
  Kernel wide = [&](const std::vector<Tensor>& t) {
    std::vector<Tensor> floats;
    for (const Tensor& tensor : t) floats.push_back(tensor.to(at::kFloat));
    return op().twin(floats, bounds()).to(at::kBFloat16);
  };
  Kernel narrow = [&](const std::vector<Tensor>& t) { return op().kernel(t, bounds(), nullptr).to(at::kBFloat16); };
  expect_like_twin(narrow, wide, inputs(at::kBFloat16), all(), 4e-2);
}

TEST_P(RecurrenceTest, GradientsAgreeWithFiniteDifferences) {
  expect_gradients_by_differences(kernel(), inputs(at::kFloat), all(), 5e-3);
}

TEST_P(RecurrenceTest, ContinuingFromItsStatesEqualsOnePass) {
  at::NoGradGuard no_grad;
  std::vector<Tensor> whole = inputs(at::kFloat);
  const size_t sequences = bounds().size() - 1;
  Tensor want = op().kernel(whole, bounds(), nullptr);
  std::vector<std::vector<Tensor>> got(sequences);
  SequenceStates states(sequences);
  // A prompt, single tokens, two tokens, and the rest; sequences that have ended sit out.
  const std::vector<int64_t> cuts = {0, 3, 4, 5, 7, 1000};
  for (size_t c = 0; c + 1 < cuts.size(); ++c) {
    std::vector<std::vector<Tensor>> parts(op().streams);
    Bounds part_bounds = {0};
    for (size_t s = 0; s < sequences; ++s) {
      const int64_t length = bounds()[s + 1] - bounds()[s];
      const int64_t begin = bounds()[s] + std::min(cuts[c], length), end = bounds()[s] + std::min(cuts[c + 1], length);
      for (size_t i = 0; i < op().streams; ++i) parts[i].push_back(whole[i].slice(0, begin, end));
      part_bounds.push_back(part_bounds.back() + end - begin);
    }
    if (part_bounds.back() == 0) continue;
    std::vector<Tensor> step = whole;
    for (size_t i = 0; i < op().streams; ++i) step[i] = at::cat(parts[i]);
    Tensor out = op().kernel(step, part_bounds, &states);
    for (size_t s = 0; s < sequences; ++s) got[s].push_back(out.slice(0, part_bounds[s], part_bounds[s + 1]));
  }
  std::vector<Tensor> joined;
  for (const auto& parts : got) joined.push_back(at::cat(parts));
  EXPECT_LE(relative_difference(at::cat(joined), want), 2e-5);
}

TEST_P(RecurrenceTest, OnlyWantedGradientsAreComputed) {
  std::vector<bool> wanted = all();
  wanted.assign(wanted.size(), false);
  wanted[0] = true;
  expect_like_twin(kernel(), twin(), inputs(at::kFloat), wanted, 2e-5);
}

INSTANTIATE_TEST_SUITE_P(Ops, RecurrenceTest,
                         ::testing::Combine(::testing::ValuesIn(kOps),
                                            ::testing::Values(Bounds{0, 1}, Bounds{0, 20}, Bounds{0, 2, 13, 40},
                                                              Bounds{0, 5, 5, 9}, Bounds{0, 262, 270})),
                         [](const auto& info) {
                           return std::get<0>(info.param).name + "_case" + std::to_string(info.index % 5);
                         });

TEST(GatedDeltaRule, StrongDecayStaysFinite) {
  at::manual_seed(3);
  Tensor q = at::randn({130, 1, 4}), v = at::randn({130, 1, 4}).requires_grad_(true);
  Tensor out = gated_delta_rule({q, q, v, at::full({130, 1}, -40.0), at::ones({130, 1})}, std::vector<int64_t>{0, 130});
  out.sum().backward();
  EXPECT_TRUE(at::isfinite(out).all().item<bool>());
  EXPECT_TRUE(at::isfinite(v.grad()).all().item<bool>());
}

TEST(SsdScan, StrongDecayHasFiniteGradients) {
  at::manual_seed(4);
  Tensor x = at::randn({100, 1, 2}).requires_grad_(true), dt = at::full({100, 1}, 30.0).requires_grad_(true);
  Tensor b = at::randn({100, 1, 3}), a = at::full({1}, -16.0).requires_grad_(true);
  ssd_scan({x, dt, b, b, a, at::ones({1})}, std::vector<int64_t>{0, 100}).sum().backward();
  for (const Tensor& t : {x, dt, a}) EXPECT_TRUE(at::isfinite(t.grad()).all().item<bool>());
}

}  // namespace
}  // namespace lf::testing
