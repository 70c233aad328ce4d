// Freeze tuning on every architecture that there is a tiny model of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "adapters/tuning.h"
#include "base/error.h"
#include "model/loader.h"
#include "support/families.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf::testing {
namespace {

using ::testing::HasSubstr;

Tensor loss_of(Decoder& model) {
  Tensor ids = at::arange(1, 13, at::kLong);
  TokenStream stream{ids, at::arange(12, at::kLong), {0, 7, 12}, {}};
  const Tensor hidden = model.forward(stream, nullptr, {.gradient_checkpointing = true});
  return at::log_softmax(model.logits(hidden).to(at::kFloat), -1).gather(1, ids.roll(-1).unsqueeze(1)).mean().neg();
}

void step(Tuning& tuning, Decoder& model) {
  loss_of(model).backward();
  at::NoGradGuard no_grad;
  for (auto& [name, tensor] : tuning.trainable()) {
    if (tensor.grad().defined()) tensor.sub_(tensor.grad() * 0.05);
    tensor.mutable_grad() = Tensor();
  }
}

std::map<std::string, Tensor> values(Decoder& model) {
  std::map<std::string, Tensor> out;
  for (const NamedParameter& parameter : model.named_parameters()) out[parameter.name] = parameter.tensor->clone();
  return out;
}

std::unique_ptr<Tuning> freeze(Decoder& model, FinetuningOptions options) {
  options.finetuning_type = "freeze";
  static const ModelOptions kModel;
  return start_tuning({.model = model, .model_options = kModel, .options = options});
}

class FreezeOnFamily : public ::testing::TestWithParam<Family> {};

TEST_P(FreezeOnFamily, TheLastBlockMovesAndNothingElse) {
  LoadedModel loaded = load_model(GetParam().folder, {.dtype = at::kBFloat16});
  Decoder& model = *loaded.model;
  auto tuning = freeze(model, {.freeze_trainable_layers = 1});
  const auto before = values(model);
  const double at_start = loss_of(model).item<double>();
  step(*tuning, model);
  const std::string last = fmt::format(".{}.", model.layers().size() - 1);
  size_t moved = 0;
  for (const NamedParameter& parameter : model.named_parameters()) {
    const bool own = parameter.name.find(last) != std::string::npos;
    EXPECT_EQ(parameter.tensor->requires_grad(), own) << parameter.name;
    EXPECT_EQ(parameter.tensor->scalar_type(), own ? at::kFloat : at::kBFloat16) << parameter.name;
    const bool same = at::equal(*parameter.tensor, before.at(parameter.name));
    EXPECT_TRUE(own || same) << parameter.name;
    moved += same ? 0 : 1;
  }
  EXPECT_GT(moved, 1u);
  EXPECT_LT(loss_of(model).item<double>(), at_start);
}

TEST_P(FreezeOnFamily, WhatWasSavedIsTakenBack) {
  LoadedModel loaded = load_model(GetParam().folder, {.dtype = at::kFloat});
  auto tuning = freeze(*loaded.model, {.freeze_trainable_layers = -1});
  step(*tuning, *loaded.model);
  TempFolder folder;
  OutputFolder(folder.path()).write_tensors("model.safetensors", loaded.model->state_dict());

  LoadedModel other = load_model(GetParam().folder, {.dtype = at::kFloat});
  auto again = freeze(*other.model, {.freeze_trainable_layers = -1});
  again->load(folder.path());
  const auto expected = values(*loaded.model);
  for (const auto& [name, tensor] : values(*other.model)) EXPECT_TRUE(at::equal(tensor, expected.at(name))) << name;
}

INSTANTIATE_TEST_SUITE_P(Architectures, FreezeOnFamily, ::testing::ValuesIn(families()),
                         [](const auto& info) { return info.param.name; });

LoadedModel small_model() { return load_model(fixture_path("archs/qwen3"), {.dtype = at::kBFloat16}); }

std::vector<std::string> names_of(Tuning& tuning) {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : tuning.trainable()) out.push_back(name);
  return out;
}

TEST(Freeze, ModulesInsideAndOutsideOfBlocksAreChosenByName) {
  LoadedModel loaded = small_model();
  auto tuning = freeze(*loaded.model, {.freeze_trainable_layers = 1,
                                       .freeze_trainable_modules = {"input_layernorm"},
                                       .freeze_extra_modules = {"embed_tokens"}});
  const std::string block = fmt::format("model.layers.{}.", loaded.model->layers().size() - 1);
  EXPECT_THAT(names_of(*tuning), ::testing::ElementsAre("model.embed_tokens.weight", block + "input_layernorm.weight"));
  EXPECT_FALSE(tuning->is_adapter());
}

TEST(Freeze, PureBf16KeepsTheTypeOfTheModel) {
  LoadedModel loaded = small_model();
  auto tuning = freeze(*loaded.model, {.pure_bf16 = true, .freeze_trainable_layers = 1});
  for (const auto& [name, tensor] : tuning->trainable()) EXPECT_EQ(tensor.scalar_type(), at::kBFloat16) << name;
}

TEST(Freeze, AChoiceOfNothingIsRefused) {
  LoadedModel loaded = small_model();
  try {
    freeze(*loaded.model, {.freeze_trainable_layers = 0});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    EXPECT_THAT(error.what(), HasSubstr("trains nothing"));
  }
}

TEST(Freeze, LlamaProWithLoraAdaptsTheAddedBlocksOnly) {
  LoadedModel loaded = small_model();
  const ModelOptions model_options;
  const FinetuningOptions options{
      .freeze_trainable_layers = 1, .use_llama_pro = true, .lora_target = {"q_proj", "mlp"}};
  auto tuning = start_tuning({.model = *loaded.model, .model_options = model_options, .options = options});
  const std::string block = fmt::format("base_model.model.model.layers.{}.", loaded.model->layers().size() - 1);
  size_t factors = 0;
  for (const std::string& name : names_of(*tuning)) {
    EXPECT_TRUE(name.starts_with(block)) << name;
    ++factors;
  }
  EXPECT_EQ(factors, 8u);  // q_proj, and three layers whose names contain "mlp"
}

}  // namespace
}  // namespace lf::testing
