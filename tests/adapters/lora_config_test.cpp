// adapter_config.json: the text PEFT writes, and what is refused by name.
#include "adapters/lora_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/peft_names.h"
#include "base/error.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {

using ::testing::HasSubstr;

TEST(LoraConfig, is_written_as_peft_writes_it) {
  LF_REQUIRE_SHARED();
  const LoraConfig config(LoraConfig::Options{
      .rank = 4,
      .alpha = 8,
      .dropout = 0,
      .target_modules = {"v_proj", "down_proj", "gate_proj", "up_proj", "k_proj", "o_proj", "q_proj"},
      .base_model = "MODEL"});
  EXPECT_EQ(config.text(),
            testing::read_bytes(testing::shared_path("golden/data/training/artifacts/sft_lora/adapter_config.json")));
}

TEST(LoraConfig, scales_by_alpha_over_rank_or_its_root) {
  EXPECT_EQ(LoraConfig(LoraConfig::Options{.rank = 16, .alpha = 8}).scale("q_proj"), 0.5);
  EXPECT_EQ(LoraConfig(LoraConfig::Options{.rank = 16, .alpha = 8, .rslora = true}).scale("q_proj"), 2.0);
}

TEST(LoraConfig, patterns_override_rank_and_alpha_of_single_layers) {
  const LoraConfig config(parse_json(R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16,
      "rank_pattern": {"k_proj": 4, "layers\\.[01]\\.mlp\\.up_proj": 2},
      "alpha_pattern": {"^model.layers.0.self_attn.q_proj": 1}})",
                                     "file"),
                          "file");
  EXPECT_EQ(config.rank("model.layers.3.self_attn.k_proj"), 4);
  EXPECT_EQ(config.rank("model.layers.3.self_attn.xk_proj"), 8);
  EXPECT_EQ(config.rank("model.layers.1.mlp.up_proj"), 2);
  EXPECT_EQ(config.rank("model.layers.2.mlp.up_proj"), 8);
  EXPECT_EQ(config.scale("model.layers.0.self_attn.q_proj"), 1.0 / 8);
  EXPECT_EQ(config.scale("model.layers.1.self_attn.q_proj"), 2.0);
  EXPECT_EQ(config.scale("model.layers.3.self_attn.k_proj"), 4.0);
}

TEST(LoraConfig, unknown_keys_of_newer_versions_are_kept) {
  const LoraConfig config(parse_json(R"({"peft_type": "LORA", "r": 2, "lora_alpha": 2, "a_new_key": [1]})", "f"), "f");
  EXPECT_THAT(config.text(), HasSubstr("\"a_new_key\": [\n    1\n  ]"));
}

static std::string refusal(const std::string& extra) {
  try {
    LoraConfig(parse_json(R"({"peft_type": "LORA", "r": 8, "lora_alpha": 16, )" + extra + "}", "here.json"),
               "here.json");
  } catch (const Error& error) {
    return std::string(kind_name(error.kind())) + ": " + error.what();
  }
  return "accepted";
}

TEST(LoraConfig, what_is_more_than_plain_lora_is_refused_by_name) {
  EXPECT_THAT(refusal(R"("use_dora": true)"), HasSubstr("unsupported: here.json: DoRA (use_dora)"));
  EXPECT_THAT(refusal(R"("bias": "all")"), HasSubstr("unsupported: here.json: trained biases"));
  EXPECT_THAT(refusal(R"("lora_bias": true)"), HasSubstr("lora_bias"));
  EXPECT_THAT(refusal(R"("init_lora_weights": "pissa_niter_4")"), HasSubstr("pissa_niter_4"));
  EXPECT_THAT(refusal(R"("trainable_token_indices": [3])"), HasSubstr("trainable_token_indices"));
  EXPECT_EQ(refusal(R"("init_lora_weights": "gaussian", "use_dora": false, "target_parameters": [])"), "accepted");
  EXPECT_THROW(LoraConfig(parse_json(R"({"peft_type": "OFT"})", "f"), "f"), Error);
}

TEST(LoraConfig, nonsense_is_refused) {
  EXPECT_THAT(refusal(R"("rank_pattern": {"q_proj": -1})"), HasSubstr("format"));
  EXPECT_THAT(refusal(R"("lora_dropout": 1.5)"), HasSubstr("lora_dropout"));
  EXPECT_THAT(refusal(R"("modules_to_save": [1])"), HasSubstr("modules_to_save"));
  EXPECT_THROW(LoraConfig(parse_json("[]", "f"), "f"), Error);
  EXPECT_THROW(LoraConfig(parse_json("{}", "f"), "f"), Error);
  EXPECT_THROW(LoraConfig(parse_json(R"({"peft_type": "LORA", "r": 0})", "f"), "f"), Error);
  EXPECT_THROW(LoraConfig(parse_json(R"({"peft_type": "LORA", "r": "eight"})", "f"), "f"), Error);
  EXPECT_THROW(LoraConfig(LoraConfig::Options{.rank = 0}), Error);
}

TEST(PeftNames, are_read_with_and_without_adapter_names) {
  const std::string q = "model.layers.0.self_attn.q_proj";
  for (const char* suffix : {".lora_A.weight", ".lora_A.default.weight"}) {
    const PeftName name = parse_peft_name("base_model.model." + q + suffix, "file");
    EXPECT_EQ(name.part, PeftName::Part::kA);
    EXPECT_EQ(name.path, q);
  }
  for (const char* middle : {".", ".modules_to_save.", ".modules_to_save.default.", ".base_layer."}) {
    const PeftName name =
        parse_peft_name(std::string("base_model.model.model.embed_tokens") + middle + "weight", "file");
    EXPECT_EQ(name.part, PeftName::Part::kWhole);
    EXPECT_EQ(name.path, "model.embed_tokens.weight");
  }
  EXPECT_EQ(peft_name({PeftName::Part::kB, q}), "base_model.model." + q + ".lora_B.weight");
}

TEST(PeftNames, of_values_before_training_are_told_apart) {
  const PeftName name = parse_peft_name("base_model.model.lm_head.original_module.weight", "file");
  EXPECT_EQ(name.part, PeftName::Part::kOriginal);
  EXPECT_EQ(name.path, "lm_head.weight");
}

TEST(PeftNames, of_other_methods_are_refused) {
  for (const char* name : {"model.layers.0.q_proj.lora_A.weight", "base_model.model.q_proj.lora_B.bias",
                           "base_model.model.q_proj.lora_magnitude_vector", "base_model.model.e.lora_embedding_A"}) {
    EXPECT_THROW(parse_peft_name(name, "file"), Error) << name;
  }
}

}  // namespace lf
