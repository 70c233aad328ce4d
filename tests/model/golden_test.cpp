// Every architecture against reference values, and against itself: packed, cached, recomputed.
#include <set>

#include "io/safetensors.h"
#include "layers/router_log.h"
#include "model/reference_case.h"
#include "model/stored_tensors.h"
#include "support/shared.h"

namespace lf::testing {
namespace {

class GoldenTest : public ::testing::TestWithParam<ReferenceCase> {
 protected:
  void SetUp() override {
    if (GetParam().name.starts_with("golden_")) LF_REQUIRE_SHARED();
  }
  static double max_difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

  /// Loss of the padded batch with its graph.
  static Tensor batch_loss(Decoder& model, const ForwardOptions& options = {}) {
    Tensor hidden = model.forward(stream_of(GetParam().batch_rows("input_ids")), nullptr, options);
    auto [sum, count] = next_token_loss(model.logits(hidden), GetParam().batch_rows("labels"));
    return sum / static_cast<double>(count);
  }

  static std::map<std::string, Tensor> gradients(Decoder& model) {
    std::map<std::string, Tensor> out;
    for (const NamedParameter& parameter : model.named_tensors()) {
      // transformers has ERNIE's correction bias as a parameter, too, and does not train it.
      if (parameter.is_buffer && parameter.name.find("moe_statics") == std::string::npos) continue;
      Tensor grad = parameter.tensor->grad();
      if (!grad.defined()) grad = at::zeros_like(*parameter.tensor);
      NamedParameter as_gradient = parameter;
      as_gradient.tensor = &grad;
      for (const StoredTensor& stored : stored_tensors(as_gradient)) out[stored.name] = stored.view;
    }
    return out;
  }
};

TEST_P(GoldenTest, LogitsAndLossAgreeWithTheReference) {
  LoadedModel loaded = GetParam().load();
  at::NoGradGuard no_grad;
  Tensor hidden = loaded.model->forward(stream_of(GetParam().batch_rows("input_ids")));
  EXPECT_LE(max_difference(loaded.model->logits(hidden), at::cat(GetParam().batch_rows("logits"))), 1e-4);
  const double want = GetParam().value("batch.loss").item<double>();
  EXPECT_NEAR(batch_loss(*loaded.model).item<double>() / want, 1.0, 1e-5);
}

TEST_P(GoldenTest, EveryGradientAgreesWithTheReference) {
  LoadedModel loaded = GetParam().load_trainable();
  batch_loss(*loaded.model).backward();
  std::map<std::string, Tensor> grads = gradients(*loaded.model);
  for (const std::string& key : GetParam().keys()) {
    if (!key.starts_with("grad.")) continue;
    Tensor want = GetParam().value(key), got = grads.at(key.substr(5));
    EXPECT_LE((got - want).norm().item<double>() / want.norm().item<double>(), 1e-4) << key;
    EXPECT_TRUE(at::allclose(got, want, 1e-4, 1e-5)) << key << " differs by " << max_difference(got, want);
  }
  Tensor norms = GetParam().value("batch.grad_norms");
  const double want_total = GetParam().value("batch.grad_norm_total").item<double>();
  // Gradients that are zero but for rounding (of biases of keys) are only told from nothing.
  const double rounding = std::numeric_limits<float>::epsilon() / 2 * want_total;
  ASSERT_EQ(norms.numel(), static_cast<int64_t>(grads.size()));
  int64_t i = 0;
  double total = 0;
  for (const auto& [name, grad] : grads) {
    const double want = norms[i++].item<double>(), got = grad.norm().item<double>();
    EXPECT_NEAR(got, want, 1e-4 * want + rounding) << name;
    total += got * got;
  }
  EXPECT_NEAR(std::sqrt(total) / want_total, 1.0, 1e-4);
}

class RouterLossTest : public GoldenTest {};

TEST_P(RouterLossTest, TheLoadBalancingLossAgreesWithTheReferenceAndIsCountedOnceWhenRecomputed) {
  LoadedModel kept = GetParam().load_trainable({{"output_router_logits", true}}),
              again = GetParam().load_trainable({{"output_router_logits", true}});
  const RouterLossSpec spec = kept.spec.router_loss;
  auto loss_of = [&](Decoder& model, bool recompute) {
    auto routers = std::make_shared<RouterLog>(spec.chosen);
    Tensor hidden = model.forward(stream_of(GetParam().batch_rows("input_ids")), nullptr,
                                  {.gradient_checkpointing = recompute, .routers = routers});
    auto [same, balance] = routers->close(hidden);
    auto [sum, count] = next_token_loss(model.logits(same), GetParam().batch_rows("labels"));
    return std::pair(sum / static_cast<double>(count) + balance * spec.coefficient, balance);
  };
  auto [loss, balance] = loss_of(*kept.model, false);
  EXPECT_NEAR(balance.item<double>() / GetParam().value("batch.aux_loss").item<double>(), 1.0, 1e-5);
  EXPECT_NEAR(loss.item<double>() / GetParam().value("batch.loss_with_aux").item<double>(), 1.0, 1e-5);
  loss.backward();
  loss_of(*again.model, true).first.backward();
  std::map<std::string, Tensor> a = gradients(*kept.model), b = gradients(*again.model);
  for (const auto& [name, grad] : a) EXPECT_TRUE(at::equal(grad, b.at(name))) << name;
}

TEST_P(GoldenTest, PackedSequencesDoNotSeeEachOther) {
  LoadedModel loaded = GetParam().load();
  at::NoGradGuard no_grad;
  std::vector<Tensor> pieces = GetParam().packed_pieces("input_ids");
  Tensor together = loaded.model->logits(loaded.model->forward(stream_of(pieces)));
  EXPECT_LE(max_difference(together, GetParam().value("packed.logits")[0]), 1e-4);
  std::vector<Tensor> separate;
  for (const Tensor& piece : pieces)
    separate.push_back(loaded.model->logits(loaded.model->forward(stream_of({piece}))));
  EXPECT_LE(max_difference(together, at::cat(separate)), 1e-5);
  auto [sum, count] = next_token_loss(together, GetParam().packed_pieces("labels"));
  const double want = GetParam().value("packed.loss").item<double>();
  EXPECT_NEAR(sum.item<double>() / static_cast<double>(count) / want, 1.0, 1e-5);
}

TEST_P(GoldenTest, GreedyContinuationsAreTheSame) {
  LoadedModel loaded = GetParam().load();
  at::NoGradGuard no_grad;
  Tensor prompts = GetParam().value("batch.input_ids"), lengths = GetParam().value("greedy.prompt_lens");
  Tensor want = GetParam().value("greedy.ids");
  for (int64_t row = 0; row < want.size(0); ++row) {
    GrowingCache cache;
    Tensor next = prompts[row].slice(0, 0, lengths[row].item<int64_t>()).to(at::kLong);
    std::vector<int64_t> ids;
    int64_t position = 0;
    for (int64_t step = 0; step < want.size(1); ++step) {
      // transformers 5.8 drops its cache in every step from longrope's crossing on and goes on with the last token
      // alone. Its ids are those of the same calls here; Generator computes the whole sequence again instead.
      if (loaded.model->outgrows_cache(1, position + next.numel())) cache.clear();
      Tensor hidden = loaded.model->forward(stream_at(next, position), &cache);
      position += next.numel();
      next = loaded.model->logits(hidden.slice(0, -1)).argmax(-1);
      ids.push_back(next.item<int64_t>());
    }
    Tensor expected = want[row].to(at::kLong);
    EXPECT_EQ(ids, std::vector<int64_t>(expected.data_ptr<int64_t>(), expected.data_ptr<int64_t>() + expected.numel()));
  }
}

TEST_P(GoldenTest, CachedDecodingEqualsTheFullForward) {
  LoadedModel loaded = GetParam().load();
  at::NoGradGuard no_grad;
  std::vector<Tensor> rows = GetParam().batch_rows("input_ids");
  // Cached keys keep the base that they were stored with.
  const bool dynamic = !loaded.spec.ropes.empty() && loaded.spec.rope().scaling == RopeScaling::kDynamic;
  const bool longrope = !loaded.spec.ropes.empty() && loaded.spec.rope().scaling == RopeScaling::kLongrope;
  const int64_t most = dynamic    ? loaded.spec.max_positions
                       : longrope ? loaded.spec.rope().original_max_positions
                                  : std::numeric_limits<int64_t>::max();
  for (Tensor& row : rows) row = row.slice(0, 0, std::min(row.numel(), most));
  Tensor full = loaded.model->logits(loaded.model->forward(stream_of(rows)));
  GrowingCache cache;
  std::vector<std::vector<Tensor>> parts(rows.size());
  const std::vector<int64_t> cuts = {0, 9, 10, 12, 100};  // a prompt, one token, two tokens, the rest
  for (size_t c = 0; c + 1 < cuts.size(); ++c) {
    std::vector<Tensor> step;
    for (const Tensor& row : rows) step.push_back(row.slice(0, cuts[c], cuts[c + 1]));
    TokenStream stream = stream_of(step);
    stream.positions += cuts[c];
    Tensor logits = loaded.model->logits(loaded.model->forward(stream, &cache));
    for (size_t r = 0; r < rows.size(); ++r) {
      parts[r].push_back(logits.slice(0, stream.bounds[r], stream.bounds[r + 1]));
    }
  }
  std::vector<Tensor> joined;
  for (const auto& part : parts) joined.push_back(at::cat(part));
  EXPECT_LE(max_difference(at::cat(joined), full), 2e-5);
}

TEST_P(GoldenTest, RecomputedActivationsGiveTheSameGradients) {
  LoadedModel kept = GetParam().load_trainable(), recomputed = GetParam().load_trainable();
  Tensor loss_kept = batch_loss(*kept.model),
         loss_again = batch_loss(*recomputed.model, {.gradient_checkpointing = true});
  loss_kept.backward();
  loss_again.backward();
  EXPECT_TRUE(at::equal(loss_kept, loss_again));
  std::map<std::string, Tensor> a = gradients(*kept.model), b = gradients(*recomputed.model);
  for (const auto& [name, grad] : a) EXPECT_TRUE(at::equal(grad, b.at(name))) << name;
}

TEST_P(GoldenTest, SavingGivesTheTensorsThatWereLoaded) {
  LoadedModel loaded = load_model(GetParam().model);  // as stored
  const ModelWeights weights(GetParam().model);
  std::set<std::string> missing(weights.names().begin(), weights.names().end());
  for (const auto& [name, tensor] : loaded.model->state_dict()) {
    ASSERT_TRUE(weights.contains(name)) << name;
    EXPECT_EQ(tensor.scalar_type(), weights.info(name).dtype) << name;
    EXPECT_TRUE(at::equal(tensor, weights.tensor(name))) << name;
    missing.erase(name);
  }
  EXPECT_TRUE(missing.empty()) << *missing.begin();
}

static std::vector<ReferenceCase> cases_with_router_loss() {
  static constexpr std::string_view kNames[] = {"golden_mixtral", "golden_qwen2_moe", "golden_qwen3_moe",
                                                "golden_olmoe",   "golden_gpt_oss",   "golden_ernie4_5_moe",
                                                "fixture_dbrx"};
  std::vector<ReferenceCase> cases = reference_cases();
  std::erase_if(cases, [](const ReferenceCase& c) {
    return std::find(std::begin(kNames), std::end(kNames), c.name) == std::end(kNames);
  });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Architectures, RouterLossTest, ::testing::ValuesIn(cases_with_router_loss()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Architectures, GoldenTest, ::testing::ValuesIn(reference_cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lf::testing
