// Families whose code is published beside their weights: what their configurations mean, and what is refused.
#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "io/safetensors_writer.h"
#include "model/arch.h"
#include "model/reference_case.h"
#include "support/shared.h"
#include "tensor/pch.h"

namespace lf::testing {
namespace {

Json config_of(const std::string& fixture) { return read_json(fixture_path("archs/" + fixture) / "config.json"); }

std::string refusal(const Json& config, ErrorKind kind) {
  try {
    describe_model(config);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(PublishedFamilies, WhatIsNotAvailableIsRefusedByName) {
  struct Case {
    std::string fixture, key;
    Json value;
    ErrorKind kind;
    std::string part;
  };
  const std::vector<Case> cases = {
      {"chatglm", "quantization_bit", 4, ErrorKind::kUnsupported, "quantization_bit 4"},
      {"chatglm", "pre_seq_len", 128, ErrorKind::kUnsupported, "pre_seq_len"},
      {"phi3small", "hidden_act", "gelu", ErrorKind::kUnsupported, "hidden_act 'gelu'"},
      {"phi3small", "blocksparse_vert_stride", 0, ErrorKind::kFormat, "blocksparse_vert_stride must be positive"},
      {"phi3small", "dummy_token_indices", {96}, ErrorKind::kFormat, "96 is not below vocab_size (96)"},
      {"phi3small", "ff_intermediate_size", nullptr, ErrorKind::kFormat, "'ff_dim_multiplier' is missing"},
      {"minicpm", "dim_model_base", 0, ErrorKind::kFormat, "dim_model_base must be positive"},
      {"minicpm", "sparse_config", 5, ErrorKind::kFormat, "sparse_config must be an object"},
      {"telechat", "base_seqlen", 0, ErrorKind::kFormat, "original_max_position_embeddings"},
      {"telechat", "ffn_hidden_size", nullptr, ErrorKind::kFormat, "'ffn_hidden_size' is missing"},
      {"yuan", "moe_config", {{"moe_num_experts", 32}}, ErrorKind::kUnsupported, "moe_config"},
      {"yuan", "use_shareqk", true, ErrorKind::kUnsupported, "use_shareqk"},
      {"baichuan_7b", "z_loss_weight", 0.1, ErrorKind::kUnsupported, "z_loss_weight 0.1"},
      {"yuan", "attention_projection_size", 44, ErrorKind::kFormat, "must be even"},
      {"mimo_v2_flash", "hybrid_layer_pattern", {0, 1}, ErrorKind::kFormat, "must name all 3 layers"},
      {"mimo_v2_flash", "moe_layer_freq", {0, 1}, ErrorKind::kFormat, "moe_layer_freq must name all 3 layers"},
      {"mimo_v2_flash", "scoring_func", "softmax", ErrorKind::kUnsupported, "scoring_func 'softmax'"},
      {"index", "norm_head", "yes", ErrorKind::kFormat, "norm_head"},
  };
  for (const Case& c : cases) {
    Json config = config_of(c.fixture);
    config[c.key] = c.value;
    EXPECT_THAT(refusal(config, c.kind), ::testing::HasSubstr(c.part)) << c.fixture << " " << c.key;
  }
}

TEST(PublishedFamilies, SequencesThatNeedSparseAttentionAreRefused) {
  Json config = config_of("minicpm");
  config["sparse_config"] = {{"dense_len", 6}};
  LoadedModel loaded = build_random_model(config, {});
  EXPECT_NO_THROW(loaded.model->forward(stream_of({at::arange(6)})));
  try {
    loaded.model->forward(stream_of({at::arange(7)}));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("7 tokens is longer than 6"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("sparse_config"));
  }
}

TEST(PublishedFamilies, KeysMeanWhatThePublishedCodeMakesOfThem) {
  EXPECT_EQ(describe_model(config_of("chatglm")).rope().theta, 500000.0);
  EXPECT_EQ(describe_model(config_of("index")).rope().theta, 40000.0);
  Json telechat = config_of("telechat");
  telechat.erase("base_seqlen");
  EXPECT_EQ(describe_model(telechat).rope().original_max_positions, 4096);
  telechat["hidden_size"] = 5120;
  EXPECT_EQ(describe_model(telechat).rope().original_max_positions, 8192);
  for (const char* family : {"telechat", "minicpm", "minicpm3", "phi3small", "yuan", "exaone"}) {
    Json config = config_of(family);
    config.erase("tie_word_embeddings");
    EXPECT_TRUE(describe_model(config).tied_embeddings) << family;
  }
  Json deepseek = config_of("deepseek");
  EXPECT_THAT(describe_model(deepseek).layers[1].feed_forward->describe(), ::testing::HasSubstr("balanced by 0.001"));
  deepseek.update(router_loss_overrides(deepseek, 0.02));
  EXPECT_THAT(describe_model(deepseek).layers[1].feed_forward->describe(), ::testing::HasSubstr("balanced by 0.02"));
  Json yi = config_of("yi");
  yi.erase("rms_norm_eps");
  EXPECT_EQ(describe_model(yi).norm.eps, 1e-5);
  EXPECT_EQ(describe_model(config_of("mimo_v2_flash")).layers[1].window, 6);
  Json baichuan = config_of("baichuan_first");
  EXPECT_FALSE(describe_model(baichuan).normalized_head);
  baichuan["vocab_size"] = 125696;
  EXPECT_TRUE(describe_model(baichuan).normalized_head);
  EXPECT_TRUE(describe_model(config_of("baichuan_13b")).attention.alibi);
  EXPECT_FALSE(describe_model(config_of("baichuan_7b")).attention.alibi);
  Json phi = config_of("phi3small");
  phi.erase("dummy_token_indices");
  EXPECT_TRUE(describe_model(phi).unused_tokens.empty());
  phi["vocab_size"] = 100352;
  const std::vector<int64_t> unused = describe_model(phi).unused_tokens;
  EXPECT_EQ(unused.size(), 91u);
  EXPECT_EQ(std::count(unused.begin(), unused.end(), 100266), 0);  // <|end|>
  EXPECT_EQ(std::count(unused.begin(), unused.end(), 100257), 0);  // <|endoftext|>
}

TEST(PublishedFamilies, PredictionLayersAreKeptAndSavedButNotTrained) {
  const std::filesystem::path folder = fixture_path("archs/mimo");
  LoadedModel loaded = load_model(folder);
  std::map<std::string, Tensor> saved;
  for (const auto& [name, tensor] : loaded.model->state_dict()) saved[name] = tensor;
  const ModelWeights stored(folder);
  EXPECT_EQ(saved.size(), stored.names().size());
  for (const std::string& name : stored.names()) EXPECT_TRUE(at::equal(saved.at(name), stored.tensor(name))) << name;
  for (const NamedParameter& parameter : loaded.model->named_parameters()) {
    EXPECT_EQ(parameter.name.find("mtp_layers"), std::string::npos) << parameter.name;
  }
}

TEST(PublishedFamilies, TensorsOfPredictionLayersThatNothingReadsAreAccepted) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("lf_published_{}", ::getpid());
  std::filesystem::create_directories(folder);
  const Json config = config_of("mimo_v2_flash");
  std::vector<NamedTensor> tensors;
  for (auto& [name, tensor] : build_random_model(config, {}).model->state_dict()) tensors.push_back({name, tensor});
  tensors.push_back({"model.mtp.layers.0.eh_proj.weight", at::zeros({2, 3})});
  std::ofstream(folder / "config.json") << config.dump();
  write_safetensors(folder / "model.safetensors", tensors);
  EXPECT_NO_THROW(load_model(folder));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lf::testing
