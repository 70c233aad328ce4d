// ChatGLM 2, 3 and GLM-4 9B (arXiv 2406.12793), after the code published with the models: half of each head turns in
// neighbouring pairs, gate and up are one matrix, so are queries, keys and values.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

static void refuse_unavailable(const Json& config) {
  LF_CHECK(kUnsupported, int_or(config, "quantization_bit", 0) == 0,
           "config.json: quantization_bit {} is not available for chatglm: load the model as published in 16 bits",
           int_or(config, "quantization_bit", 0));
  LF_CHECK(kUnsupported, !find_value(config, "pre_seq_len"),
           "config.json: pre_seq_len (P-tuning v2) is not available for chatglm");
}

static Json with_usual_names(const Json& config) {
  Json named = renamed(config, {{"num_layers", "num_hidden_layers"},
                                {"padded_vocab_size", "vocab_size"},
                                {"ffn_hidden_size", "intermediate_size"},
                                {"kv_channels", "head_dim"},
                                {"seq_length", "max_position_embeddings"},
                                {"layernorm_epsilon", "rms_norm_eps"}});
  if (find_value(config, "padded_vocab_size")) named["vocab_size"] = config.at("padded_vocab_size");
  if (bool_or(config, "multi_query_attention", false)) {
    named["num_key_value_heads"] = int_or(config, "multi_query_group_num", 1);
  }
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  return defaulted(named, {{"head_dim", 128}, {"rms_norm_eps", 1e-5}});
}

static ModelSpec describe(const Json& config) {
  refuse_unavailable(config);
  ModelSpec spec = llama_spec(with_usual_names(config));
  if (!bool_or(config, "rmsnorm", true)) spec.norm = layer_norm_spec(spec.norm.eps);
  spec.rope().theta = number_or(config, "rope_theta", 10000.0) * number_or(config, "rope_ratio", 1.0);
  spec.rope().rotated_fraction = 0.5;
  spec.rope().interleaved = true;
  const bool bias = bool_or(config, "add_bias_linear", false);
  spec.attention.qkv_bias = bias || bool_or(config, "add_qkv_bias", false);
  spec.attention.output_bias = spec.mlp.bias = bias;
  // With as many key heads as heads, each head's query, key and value lie side by side.
  const bool grouped = bool_or(config, "multi_query_attention", false);
  spec.attention.layout = grouped ? QkvLayout::kStacked : QkvLayout::kGrouped;
  spec.attention.names.fused = "query_key_value";
  spec.attention.names.output = "dense";
  spec.mlp.fused = true;
  spec.mlp.names.fused = "dense_h_to_4h";
  spec.mlp.names.down = "dense_4h_to_h";
  spec.block.attention = "self_attention";
  if (bool_or(config, "apply_residual_connection_post_layernorm", false)) spec.block.wiring = Wiring::kNormedResidual;
  spec.names = {.base = "transformer",
                .embedding = "embedding.word_embeddings",
                .layers = "encoder.layers",
                .norm = bool_or(config, "post_layer_norm", true) ? "encoder.final_layernorm" : "",
                .head = "transformer.output_layer"};
  return spec;
}

extern const ArchEntry entry_chatglm;
constinit const ArchEntry entry_chatglm{.name = "chatglm", .describe = describe};

}  // namespace lf
