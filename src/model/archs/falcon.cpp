// Falcon (arXiv 2311.16867) 7B, 40B, 180B and RW: queries, keys and values in one matrix, grouped by key head;
// attention and MLP side by side or in turn; rotary positions or ALiBi.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"n_layer", "num_hidden_layers"},
                                {"n_head", "num_attention_heads"},
                                {"n_head_kv", "num_kv_heads"},
                                {"ffn_hidden_size", "intermediate_size"}});
  if (!find_value(named, "intermediate_size")) named["intermediate_size"] = 4 * required_int(named, "hidden_size");
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  const bool current = bool_or(config, "new_decoder_architecture", false),
             parallel = bool_or(config, "parallel_attn", true);
  named["num_key_value_heads"] = current ? int_or(named, "num_kv_heads", required_int(named, "num_attention_heads"))
                                 : bool_or(config, "multi_query", true) ? 1
                                                                        : required_int(named, "num_attention_heads");
  ModelSpec spec = llama_spec(defaulted(named, {{"tie_word_embeddings", true}}));
  const bool bias = bool_or(config, "bias", false), alibi = bool_or(config, "alibi", false);
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.attention.qkv_bias = spec.attention.output_bias = bias;
  spec.attention.layout = QkvLayout::kGrouped;
  spec.attention.names.fused = "query_key_value";
  spec.attention.names.output = "dense";
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, activation_named(string_or(config, "activation", "gelu")), bias,
                       "dense_h_to_4h", "dense_4h_to_h");
  spec.block.attention = "self_attention";
  spec.names = {.base = "transformer", .embedding = "word_embeddings", .layers = "h", .norm = "ln_f"};
  if (current || parallel) spec.block.wiring = Wiring::kParallel;
  const bool two_norms = current && int_or(config, "num_ln_in_parallel_attn", 2) == 2;
  if (two_norms) {
    spec.block.attention_norm = "ln_attn";
    spec.block.mlp_norm = "ln_mlp";
  } else if (current || parallel) {
    spec.block.mlp_norm.clear();
  }
  if (!alibi) return spec;
  spec.ropes.clear();
  spec.attention.alibi = true;
  spec.attention.alibi_multiplier = 1.0 / std::sqrt(static_cast<double>(spec.attention.head_dim));
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  return spec;
}

extern const ArchEntry entry_falcon;
constinit const ArchEntry entry_falcon{.name = "falcon", .describe = describe};

}  // namespace lf
