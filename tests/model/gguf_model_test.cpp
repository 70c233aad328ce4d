// Models in llama.cpp's terms: names, reordered rows, shifted norms, metadata, and what is refused.
#include "model/gguf_model.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace lf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Json config_of(const std::string& type) {
  Json config = {{"model_type", type},     {"hidden_size", 64},        {"intermediate_size", 96},
                 {"num_hidden_layers", 6}, {"num_attention_heads", 4}, {"num_key_value_heads", 2},
                 {"head_dim", 16},         {"vocab_size", 10},         {"max_position_embeddings", 512},
                 {"rms_norm_eps", 1e-5},   {"rope_theta", 10000.0}};
  if (type.starts_with("gemma")) config["hidden_activation"] = "gelu_pytorch_tanh";
  if (type == "gemma2" || type == "gemma3_text") config.update({{"query_pre_attn_scalar", 16}, {"sliding_window", 32}});
  if (type == "mistral") config["sliding_window"] = nullptr;
  return config;
}

const GgufTensor& named(const GgufModel& model, const std::string& name) {
  for (const GgufTensor& tensor : model.tensors) {
    if (tensor.name == name) return tensor;
  }
  throw std::runtime_error("no tensor " + name);
}

std::optional<GgufValue> value(const GgufModel& model, const std::string& key) {
  for (const auto& [name, held] : model.metadata) {
    if (name == key) return held;
  }
  return std::nullopt;
}

std::string refusal(const Json& config, std::vector<NamedTensor> tensors = {}) {
  try {
    check_gguf_config(config);
    describe_gguf(config, tensors, GgufType::kF16);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    return error.what();
  }
  return "";
}

Tensor changed(const GgufTensor& tensor) { return tensor.change ? tensor.change(tensor.data) : tensor.data; }

TEST(GgufModel, reorders_query_and_key_rows_of_llama_only) {
  // One head of 4 rows: halves (0 1 | 2 3) become neighbours (0 2 1 3).
  const Tensor rows = at::arange(8, at::kFloat).view({8, 1}).expand({8, 64}).contiguous();
  Json config = config_of("llama");
  config.update({{"num_attention_heads", 2}, {"num_key_value_heads", 1}, {"head_dim", 4}});
  const GgufModel llama =
      describe_gguf(config,
                    std::vector<NamedTensor>{{"model.layers.0.self_attn.q_proj.weight", rows},
                                             {"model.layers.0.self_attn.k_proj.weight", rows.narrow(0, 0, 4)},
                                             {"model.layers.0.self_attn.v_proj.weight", rows.narrow(0, 0, 4)},
                                             {"model.layers.0.self_attn.q_proj.bias", rows.select(1, 0)}},
                    GgufType::kF32);
  const auto first = [&](const std::string& name) {
    Tensor data = changed(named(llama, name));
    if (data.dim() == 2) data = data.select(1, 0);
    data = data.contiguous();
    return std::vector<float>(data.data_ptr<float>(), data.data_ptr<float>() + data.numel());
  };
  EXPECT_THAT(first("blk.0.attn_q.weight"), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(first("blk.0.attn_q.bias"), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(first("blk.0.attn_k.weight"), ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(first("blk.0.attn_v.weight"), ElementsAre(0, 1, 2, 3));
  const GgufModel qwen = describe_gguf(
      config_of("qwen2"), std::vector<NamedTensor>{{"model.layers.0.self_attn.q_proj.weight", rows}}, GgufType::kF32);
  EXPECT_TRUE(at::equal(changed(named(qwen, "blk.0.attn_q.weight")), rows));
}

TEST(GgufModel, names_the_norms_of_each_family) {
  const Tensor norm = at::zeros({64}), matrix = at::zeros({10, 64});
  const std::vector<NamedTensor> tensors = {{"model.embed_tokens.weight", matrix},
                                            {"model.layers.3.post_attention_layernorm.weight", norm},
                                            {"model.norm.weight", norm}};
  EXPECT_NO_THROW(named(describe_gguf(config_of("qwen3"), tensors, GgufType::kF16), "blk.3.ffn_norm.weight"));
  const GgufModel gemma = describe_gguf(config_of("gemma"), tensors, GgufType::kF16);
  EXPECT_EQ(changed(named(gemma, "blk.3.ffn_norm.weight"))[0].item<float>(), 1.0f);
  EXPECT_EQ(changed(named(gemma, "output_norm.weight"))[0].item<float>(), 1.0f);
  EXPECT_EQ(changed(named(gemma, "token_embd.weight"))[0][0].item<float>(), 0.0f);
  for (const char* type : {"gemma2", "gemma3_text"}) {
    const GgufModel model = describe_gguf(config_of(type), tensors, GgufType::kF16);
    EXPECT_EQ(changed(named(model, "blk.3.post_attention_norm.weight"))[0].item<float>(), 1.0f);
  }
}

TEST(GgufModel, keeps_vectors_in_float32_and_falls_back_where_q8_0_does_not_fit) {
  const std::vector<NamedTensor> tensors = {{"model.embed_tokens.weight", at::zeros({10, 64})},
                                            {"model.layers.0.mlp.down_proj.weight", at::zeros({64, 40})},
                                            {"model.layers.0.self_attn.q_proj.bias", at::zeros({64})},
                                            {"model.layers.0.self_attn.q_norm.weight", at::zeros({16})}};
  const GgufModel model = describe_gguf(config_of("qwen3"), tensors, GgufType::kQ8_0);
  EXPECT_EQ(named(model, "token_embd.weight").type, GgufType::kQ8_0);
  EXPECT_EQ(named(model, "blk.0.ffn_down.weight").type, GgufType::kF16);
  EXPECT_EQ(named(model, "blk.0.attn_q.bias").type, GgufType::kF32);
  EXPECT_EQ(named(model, "blk.0.attn_q_norm.weight").type, GgufType::kF32);
  ASSERT_EQ(model.warnings.size(), 1u);
  EXPECT_THAT(model.warnings[0], HasSubstr("blk.0.ffn_down.weight"));
}

TEST(GgufModel, writes_the_numbers_of_the_configuration) {
  const GgufModel llama = describe_gguf(
      config_of("llama"), std::vector<NamedTensor>{{"model.embed_tokens.weight", at::zeros({12, 64})}}, GgufType::kF16);
  EXPECT_EQ(value(llama, "llama.block_count"), GgufValue(uint32_t{6}));
  EXPECT_EQ(value(llama, "llama.attention.head_count_kv"), GgufValue(uint32_t{2}));
  EXPECT_EQ(value(llama, "llama.rope.freq_base"), GgufValue(10000.0f));
  EXPECT_EQ(value(llama, "llama.attention.layer_norm_rms_epsilon"), GgufValue(1e-5f));
  EXPECT_EQ(value(llama, "llama.rope.dimension_count"), GgufValue(uint32_t{16}));
  EXPECT_EQ(value(llama, "llama.vocab_size"), GgufValue(uint32_t{12}));  // the rows there are, not config.json's word
  Json yarn = config_of("qwen2");
  yarn["rope_scaling"] = {{"type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 128}};
  const GgufModel qwen = describe_gguf(yarn, {}, GgufType::kF16);
  EXPECT_EQ(value(qwen, "qwen2.rope.scaling.type"), GgufValue(std::string("yarn")));
  EXPECT_EQ(value(qwen, "qwen2.rope.scaling.original_context_length"), GgufValue(uint32_t{128}));
  EXPECT_EQ(value(qwen, "qwen2.attention.key_length"), std::nullopt);
  const GgufModel gemma = describe_gguf(config_of("gemma2"), {}, GgufType::kF16);
  EXPECT_EQ(value(gemma, "gemma2.attn_logit_softcapping"), GgufValue(50.0f));
  EXPECT_EQ(value(gemma, "gemma2.attention.sliding_window"), GgufValue(uint32_t{32}));
  EXPECT_EQ(value(gemma, "gemma2.rope.freq_base"), std::nullopt);
}

TEST(GgufModel, gemma3_has_two_rope_bases_in_both_spellings) {
  Json old = config_of("gemma3_text");
  old.update({{"rope_theta", 1e6},
              {"rope_local_base_freq", 10000.0},
              {"rope_scaling", {{"rope_type", "linear"}, {"factor", 8.0}}}});
  Json current = config_of("gemma3_text");
  current["rope_parameters"] = {{"full_attention", {{"rope_type", "linear"}, {"factor", 8.0}, {"rope_theta", 1e6}}},
                                {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 10000.0}}}};
  for (const Json& config : {old, current}) {
    const GgufModel model = describe_gguf(config, {}, GgufType::kF16);
    EXPECT_EQ(value(model, "gemma3.rope.freq_base"), GgufValue(1e6f));
    EXPECT_EQ(value(model, "gemma3.rope.freq_base_swa"), GgufValue(1e4f));
    EXPECT_EQ(value(model, "gemma3.rope.scaling.factor"), GgufValue(8.0f));
  }
}

TEST(GgufModel, llama3_scaling_becomes_divisors_of_the_frequencies) {
  Json config = config_of("llama");
  config["rope_scaling"] = {{"rope_type", "llama3"},
                            {"factor", 8.0},
                            {"low_freq_factor", 1.0},
                            {"high_freq_factor", 4.0},
                            {"original_max_position_embeddings", 8192}};
  config.update({{"rope_theta", 500000.0}, {"head_dim", 128}});
  const GgufModel model = describe_gguf(config, {}, GgufType::kF16);
  const Tensor factors = named(model, "rope_freqs.weight").data;
  ASSERT_EQ(factors.numel(), 64);
  EXPECT_EQ(factors[0].item<float>(), 1.0f);   // fast: as it is
  EXPECT_EQ(factors[63].item<float>(), 8.0f);  // slow: by the factor
  for (int i = 1; i < 64; ++i) EXPECT_GE(factors[i].item<float>(), factors[i - 1].item<float>());
  EXPECT_EQ(describe_gguf(config_of("llama"), {}, GgufType::kF16).tensors.size(), 0u);
}

TEST(GgufModel, refuses_what_llama_cpp_would_compute_otherwise) {
  EXPECT_THAT(refusal(config_of("falcon")), HasSubstr("available: llama, mistral, qwen2"));
  Json config = config_of("llama");
  config["rope_scaling"] = {{"type", "dynamic"}, {"factor", 2.0}};
  EXPECT_THAT(refusal(config), HasSubstr("rope type 'dynamic'"));
  config = config_of("gemma2");
  config["query_pre_attn_scalar"] = 20;
  EXPECT_THAT(refusal(config), HasSubstr("query_pre_attn_scalar 16 here, but this model's is 20"));
  config = config_of("gemma2");
  config["attn_logit_softcapping"] = nullptr;
  EXPECT_THAT(refusal(config), HasSubstr("always caps"));
  config = config_of("gemma3_text");
  config["layer_types"] = {"sliding_attention", "full_attention"};
  EXPECT_THAT(refusal(config), HasSubstr("layer 1 of this model"));
  config = config_of("llama");
  config["hidden_act"] = "relu";
  EXPECT_THAT(refusal(config), HasSubstr("computes silu, but this model's activation is relu"));
  EXPECT_THAT(refusal(config_of("gemma"), {{"lm_head.weight", at::zeros({10, 64})}}), HasSubstr("lm_head of its own"));
  EXPECT_THAT(refusal(config_of("llama"), {{"model.layers.0.mlp.gate.weight", at::zeros({10, 64})}}),
              HasSubstr("has no place"));
  EXPECT_THAT(refusal(config_of("llama"), {{"model.layers.0", at::zeros({10, 64})}}), HasSubstr("has no place"));
}

TEST(GgufModel, says_that_windows_are_lost) {
  Json config = config_of("mistral");
  EXPECT_TRUE(describe_gguf(config, {}, GgufType::kF16).warnings.empty());
  config["sliding_window"] = 4096;
  EXPECT_THAT(describe_gguf(config, {}, GgufType::kF16).warnings, ElementsAre(HasSubstr("no sliding window")));
}

}  // namespace
}  // namespace lf
