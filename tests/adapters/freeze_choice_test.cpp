#include "adapters/freeze_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace lf::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kLlama = {
    "model.embed_tokens.weight",
    "model.layers.0.self_attn.q_proj.weight",
    "model.layers.0.mlp.gate_proj.weight",
    "model.layers.0.input_layernorm.weight",
    "model.layers.1.self_attn.q_proj.weight",
    "model.layers.1.mlp.gate_proj.weight",
    "model.layers.1.input_layernorm.weight",
    "model.layers.10.self_attn.q_proj.weight",
    "model.norm.weight",
    "lm_head.weight",
};

std::vector<std::string> trained(const FinetuningOptions& options, int64_t layers,
                                 const std::vector<std::string>& names = kLlama) {
  const FreezeChoice choice(names, layers, options);
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (choice.trains(name)) out.push_back(name);
  }
  return out;
}

std::string message(const FinetuningOptions& options, int64_t layers) {
  try {
    FreezeChoice(kLlama, layers, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kConfig);
    return error.what();
  }
  return "accepted";
}

TEST(FreezeChoice, PositiveNumbersCountFromTheEnd) {
  const FinetuningOptions options{.freeze_trainable_layers = 2};
  EXPECT_THAT(FreezeChoice(kLlama, 11, options).patterns(), ElementsAre(".9.", ".10."));
  EXPECT_THAT(trained(options, 11), ElementsAre("model.layers.10.self_attn.q_proj.weight"));
}

TEST(FreezeChoice, NegativeNumbersCountFromTheStart) {
  EXPECT_THAT(trained({.freeze_trainable_layers = -1}, 11),
              ElementsAre("model.layers.0.self_attn.q_proj.weight", "model.layers.0.mlp.gate_proj.weight",
                          "model.layers.0.input_layernorm.weight"));
}

TEST(FreezeChoice, MoreBlocksThanThereAreMeanAll) {
  EXPECT_THAT(FreezeChoice(kLlama, 2, {.freeze_trainable_layers = 9}).patterns(), ElementsAre(".0.", ".1."));
  EXPECT_THAT(FreezeChoice(kLlama, 2, {.freeze_trainable_layers = -9}).patterns(), ElementsAre(".0.", ".1."));
}

TEST(FreezeChoice, ModulesComeModuleByModule) {
  const FinetuningOptions options{.freeze_trainable_layers = -2, .freeze_trainable_modules = {"mlp", "self_attn"}};
  EXPECT_THAT(FreezeChoice(kLlama, 11, options).patterns(),
              ElementsAre(".0.mlp", ".1.mlp", ".0.self_attn", ".1.self_attn"));
}

TEST(FreezeChoice, NamesAreMatchedByPartsOfThem) {
  const FinetuningOptions options{.freeze_trainable_layers = 0, .freeze_extra_modules = {"norm"}};
  EXPECT_THAT(trained(options, 11), ElementsAre("model.layers.0.input_layernorm.weight",
                                                "model.layers.1.input_layernorm.weight", "model.norm.weight"));
}

TEST(FreezeChoice, NoBlocksAndNoModulesTrainNothing) {
  EXPECT_THAT(trained({.freeze_trainable_layers = 0}, 11), IsEmpty());
}

TEST(FreezeChoice, LlamaProTrainsTheLastBlockOfEachGroup) {
  EXPECT_THAT(expanded_blocks(40, 8), ElementsAre(4, 9, 14, 19, 24, 29, 34, 39));
  EXPECT_THAT(expanded_blocks(2, 2), ElementsAre(0, 1));
  EXPECT_THAT(trained({.freeze_trainable_layers = 1, .use_llama_pro = true}, 2),
              ElementsAre("model.layers.1.self_attn.q_proj.weight", "model.layers.1.mlp.gate_proj.weight",
                          "model.layers.1.input_layernorm.weight"));
}

TEST(FreezeChoice, NamePartsAreFoundInOtherFamiliesToo) {
  const std::vector<std::string> gpt2 = {"transformer.wte.weight", "transformer.h.0.ln_1.weight",
                                         "transformer.h.0.attn.c_attn.weight", "transformer.ln_f.bias"};
  EXPECT_THAT(modules_of_blocks(gpt2), ElementsAre("ln_1", "attn"));
  EXPECT_THAT(modules_outside_blocks(gpt2), ElementsAre("wte", "ln_f"));
}

TEST(FreezeChoice, TheLastNumberOfANameCounts) {
  const std::vector<std::string> names = {"model.layers.0.mlp.experts.0.up.weight", "model.layers.2.mlp.experts.1.x.y",
                                          "layers.0.0.odd.weight", "bare"};
  EXPECT_THAT(modules_of_blocks(names), ElementsAre("up", "x", "0"));
  EXPECT_THAT(modules_outside_blocks(names), IsEmpty());
}

TEST(FreezeChoice, UnknownModulesAreRefusedWithWhatThereIs) {
  EXPECT_THAT(message({.freeze_trainable_modules = {"self_atn"}}, 11),
              HasSubstr("freeze_trainable_modules: module 'self_atn' is not found, please choose from self_attn, mlp, "
                        "input_layernorm; did you mean self_attn?"));
  EXPECT_THAT(message({.freeze_trainable_modules = {"norm"}}, 11), HasSubstr("module 'norm' is not found"));
  EXPECT_THAT(message({.freeze_extra_modules = {"mlp"}}, 11),
              HasSubstr("freeze_extra_modules: module 'mlp' is not found, please choose from embed_tokens, norm, "
                        "lm_head"));
}

TEST(FreezeChoice, BlocksThatCannotBeAreRefused) {
  EXPECT_THAT(message({}, 0), HasSubstr("needs a model with blocks"));
  EXPECT_THAT(message({.freeze_trainable_layers = 3, .use_llama_pro = true}, 11),
              HasSubstr("11 blocks should be divisible by freeze_trainable_layers"));
}

}  // namespace
}  // namespace lf::testing
