#include "model/value_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "io/safetensors_writer.h"
#include "model/loader.h"
#include "support/shared.h"
#include "support/temp_folder.h"
#include "tensor/precision.h"
#include "tensor/rng.h"

namespace lf::testing {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kWidth = 5;

ValueHead::Options small(uint64_t seed = 7) { return {.width = kWidth, .generator = make_generator(seed)}; }

Tensor weight_of(const ValueHead& head) { return head.tensors()[0].second; }
Tensor bias_of(const ValueHead& head) { return head.tensors()[1].second; }

std::string message(ErrorKind kind, const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(ValueHead, StartsWithTheNumbersOfTorchNnLinear) {
  const ValueHead head(small());  // torch.manual_seed(7); torch.nn.Linear(5, 1)
  const Tensor weight = at::tensor(
      {0.031235668808221817, -0.26939862966537476, 0.1424032747745514, 0.14032691717147827, -0.2390253245830536},
      at::kFloat);
  EXPECT_TRUE(at::equal(weight_of(head), weight.unsqueeze(0)));
  EXPECT_TRUE(at::equal(bias_of(head), at::tensor({-0.06702711433172226}, at::kFloat)));
  EXPECT_EQ(head.tensors()[0].first, "v_head.summary.weight");
  EXPECT_EQ(head.tensors()[1].first, "v_head.summary.bias");
  EXPECT_FALSE(weight_of(head).requires_grad());
}

TEST(ValueHead, ValuesAreFp32OfHiddenStatesOfAnyType) {
  const ValueHead head(small());
  auto generator = make_generator(1);
  const Tensor wide = at::randn({9, kWidth}, generator, at::kFloat);
  for (const auto type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const Tensor hidden = wide.to(type);
    const ComputeDtype narrow(at::kBFloat16);
    const Tensor values = head.forward(hidden);
    EXPECT_EQ(values.scalar_type(), at::kFloat);
    const Tensor expected =
        hidden.to(at::kDouble).mv(weight_of(head).to(at::kDouble)[0]) + bias_of(head).item<double>();
    EXPECT_EQ(values.sizes(), expected.sizes());
    EXPECT_LT((values.to(at::kDouble) - expected).abs().max().item<double>(), 1e-6);
  }
}

TEST(ValueHead, DropoutActsInTrainingOnly) {
  ValueHead::Options options = small();
  options.dropout = 0.5;
  ValueHead head(options), without(small());
  const Tensor hidden = at::ones({400, kWidth}, at::kFloat);
  EXPECT_TRUE(at::equal(head.forward(hidden), without.forward(hidden)));
  head.set_training(true);
  EXPECT_GT(head.forward(hidden).std().item<double>(), 0.01);
  EXPECT_NEAR(head.forward(hidden).mean().item<double>(), without.forward(hidden).mean().item<double>(), 0.1);
}

TEST(ValueHead, GradientsAreThoseOfFiniteDifferences) {
  ValueHead head(small());
  head.set_trainable(true);
  auto generator = make_generator(2);
  Tensor hidden = at::randn({4, kWidth}, generator, at::kFloat).requires_grad_(true);
  const Tensor pull = at::randn({4}, generator, at::kFloat);
  const auto loss = [&] { return (head.forward(hidden).sin() * pull).sum(); };
  loss().backward();
  at::NoGradGuard no_grad;
  for (Tensor tensor : {weight_of(head), bias_of(head), hidden}) {
    ASSERT_TRUE(tensor.grad().defined());
    Tensor flat = tensor.view({-1});
    for (int64_t i = 0; i < flat.numel(); ++i) {
      const float step = 1e-2f, before = flat[i].item<float>();
      flat[i] = before + step;
      const double up = loss().item<double>();
      flat[i] = before - step;
      const double down = loss().item<double>();
      flat[i] = before;
      EXPECT_NEAR(tensor.grad().view({-1})[i].item<double>(), (up - down) / (2.0 * step), 2e-3) << i;
    }
  }
}

TEST(ValueHead, StandsOnAModelAndTrainsItToo) {
  LoadedModel loaded = load_model(fixture_path("archs/qwen3"), {.dtype = at::kFloat});
  for (const NamedParameter& parameter : loaded.model->named_parameters()) make_trainable(parameter);
  ValueHead head(value_head_options(*loaded.model, loaded.config));
  const Tensor ids = at::arange(8, at::kLong);
  const Tensor values = head.forward(loaded.model->forward({ids, ids, {0, 8}, {}}));
  EXPECT_EQ(values.sizes(), c10::IntArrayRef({8}));
  values.square().sum().backward();
  EXPECT_GT(loaded.model->embedding().weight().grad().abs().max().item<double>(), 0);
}

TEST(ValueHead, WidthIsThatOfTheHiddenStatesAndDropoutThatOfTheConfiguration) {
  Json config = {
      {"model_type", "opt"},          {"vocab_size", 50}, {"hidden_size", 16},        {"word_embed_proj_dim", 8},
      {"num_hidden_layers", 1},       {"ffn_dim", 32},    {"num_attention_heads", 2}, {"max_position_embeddings", 32},
      {"do_layer_norm_before", false}};
  LoadedModel loaded = build_random_model(config, {});
  EXPECT_EQ(value_head_options(*loaded.model, config).width, 8);
  EXPECT_EQ(value_head_options(*loaded.model, config).dropout, 0.1);
  for (const auto& [text, expected] :
       std::vector<std::pair<const char*, double>>{{"null", 0}, {"0", 0}, {"0.25", 0.25}}) {
    config["summary_dropout_prob"] = Json::parse(text);
    EXPECT_EQ(value_head_options(*loaded.model, config).dropout, expected) << text;
  }
  for (const char* text : {"1", "-0.1", "\"much\"", "true"}) {
    config["summary_dropout_prob"] = Json::parse(text);
    EXPECT_THAT(message(ErrorKind::kConfig, [&] { value_head_options(*loaded.model, config); }),
                HasSubstr("summary_dropout_prob must be"))
        << text;
  }
}

TEST(ValueHead, WhatIsWrittenIsTakenBackAndStaysTrainable) {
  TempFolder folder;
  const ValueHead saved(small(3));
  OutputFolder out(folder.path());
  saved.write(out);
  ValueHead head(small(4));
  head.set_trainable(true);
  EXPECT_TRUE(head.load(folder.path()));
  EXPECT_TRUE(at::equal(weight_of(head), weight_of(saved)) && at::equal(bias_of(head), bias_of(saved)));
  EXPECT_TRUE(weight_of(head).requires_grad() && weight_of(head).is_leaf());
  head.to(at::kCPU);
  EXPECT_TRUE(weight_of(head).requires_grad() && weight_of(head).is_leaf());
}

TEST(ValueHead, AFolderWithoutOneLeavesItAsItIs) {
  TempFolder folder;
  ValueHead head(small(3));
  EXPECT_FALSE(head.load(folder.path()));
  EXPECT_TRUE(at::equal(weight_of(head), weight_of(ValueHead(small(3)))));
}

struct BadFile {
  const char* name;
  std::vector<NamedTensor> tensors;
  const char* message;
};
void PrintTo(const BadFile& file, std::ostream* out) { *out << file.name; }

class BadValueHead : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadValueHead, IsRefusedAndNothingMoves) {
  TempFolder folder;
  write_safetensors(folder / ValueHead::kTensorFile, GetParam().tensors);
  ValueHead head(small());
  const std::string said = message(ErrorKind::kFormat, [&] { head.load(folder.path()); });
  EXPECT_THAT(said, HasSubstr(GetParam().message));
  EXPECT_THAT(said, HasSubstr(ValueHead::kTensorFile));
  EXPECT_TRUE(at::equal(weight_of(head), weight_of(ValueHead(small()))));
}

NamedTensor weight(int64_t width, c10::ScalarType type = at::kFloat) {
  return {"v_head.summary.weight", at::ones({1, width}, type)};
}
const NamedTensor kBias = {"v_head.summary.bias", at::ones({1}, at::kFloat)};

INSTANTIATE_TEST_SUITE_P(
    Files, BadValueHead,
    ::testing::Values(
        BadFile{"no_bias", {weight(kWidth)}, "'v_head.summary.bias' is missing"},
        BadFile{"other_prefix",
                {{"summary.weight", at::ones({1, kWidth})}, {"summary.bias", at::ones({1})}},
                "'v_head.summary.weight' is missing"},
        BadFile{"other_model", {weight(6), kBias}, "has shape [1, 6], but hidden states of this model need [1, 5]"},
        BadFile{"integers", {weight(kWidth, at::kLong), kBias}, "holds no floating-point numbers"},
        BadFile{"a_whole_model",
                {weight(kWidth), kBias, {"lm_head.weight", at::ones({2, 2})}},
                "'lm_head.weight' is no part of a value head"}),
    [](const auto& info) { return info.param.name; });

TEST(ValueHead, APickleIsReadOnlyWhenAllowed) {
  TempFolder folder;
  write_bytes(folder / ValueHead::kPickleFile, "not a pickle");
  ValueHead head(small());
  EXPECT_THAT(message(ErrorKind::kUnsupported, [&] { head.load(folder.path()); }), HasSubstr("allow_legacy_bin"));
  EXPECT_THAT(message(ErrorKind::kFormat, [&] { head.load(folder.path(), true); }), HasSubstr("value_head.bin"));
}

}  // namespace
}  // namespace lf::testing
