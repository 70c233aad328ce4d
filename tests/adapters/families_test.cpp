// LoRA on every architecture that there is a tiny model of.
#include "support/families.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/lora_set.h"
#include "model/loader.h"
#include "support/shared.h"
#include "tensor/rng.h"

namespace lf::testing {
namespace {

class LoraOnFamily : public ::testing::TestWithParam<Family> {};

Tensor loss_of(Decoder& model) {
  Tensor ids = at::arange(1, 13, at::kLong);
  TokenStream stream{ids, at::arange(12, at::kLong), {0, 7, 12}, {}};
  return at::log_softmax(model.logits(model.forward(stream)), -1).gather(1, ids.roll(-1).unsqueeze(1)).mean().neg();
}

TEST_P(LoraOnFamily, OneStepMovesOnlyTheAdapters) {
  LoadedModel loaded = load_model(GetParam().folder, {.dtype = at::kFloat});
  Decoder& model = *loaded.model;
  auto before = model.state_dict();
  for (auto& [name, tensor] : before) tensor = tensor.clone();
  auto generator = make_generator(3);
  auto set =
      LoraSet::create(model, {.rank = 4, .target_modules = {"all"}}, {.trainable = true, .generator = generator});
  const double at_start = loss_of(model).item<double>();
  for (int step = 0; step < 2; ++step) {  // lora_A gets its first gradient when lora_B has left zero
    loss_of(model).backward();
    at::NoGradGuard no_grad;
    for (const auto& [name, tensor] : set->trainable()) {
      // transformers, too, reads DeepSeek-V2's router weight past the module that holds the adapter.
      if (GetParam().name.ends_with("deepseek_v2") && name.find(".mlp.gate.") != std::string::npos) continue;
      Tensor factor = tensor;
      ASSERT_TRUE(factor.grad().defined()) << name;
      if (step == 1) {
        EXPECT_GT(factor.grad().abs().max().item<double>(), 0) << name;
      }
      factor.sub_(factor.grad() * 0.1);
      factor.mutable_grad() = Tensor();
    }
  }
  const auto after = model.state_dict();
  ASSERT_EQ(after.size(), before.size());
  for (size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].first, before[i].first);
    EXPECT_TRUE(at::equal(after[i].second, before[i].second)) << after[i].first;
  }
  EXPECT_LT(loss_of(model).item<double>(), at_start);
}

INSTANTIATE_TEST_SUITE_P(Architectures, LoraOnFamily, ::testing::ValuesIn(families()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lf::testing
