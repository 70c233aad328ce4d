// StarCoder and SantaCoder: GPT-2 with one key and value head for all queries.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = with_gpt2_keys(config);
  const bool multi_query = bool_or(config, "multi_query", true);
  if (multi_query) named["num_key_value_heads"] = 1;
  ModelSpec spec = llama_spec(defaulted(named, {{"tie_word_embeddings", true}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.ropes.clear();
  spec.learned_positions = spec.max_positions;
  spec.attention.qkv_bias = spec.attention.output_bias = true;
  spec.attention.layout = multi_query ? QkvLayout::kStacked : QkvLayout::kGrouped;
  spec.attention.names.fused = "c_attn";
  spec.attention.names.output = "c_proj";
  spec.attention.dropout = number_or(config, "attn_pdrop", 0.1);
  if (!bool_or(config, "scale_attn_weights", true)) spec.attention.scale = 1;
  spec.mlp = plain_mlp(spec.mlp.intermediate_size,
                       activation_named(string_or(config, "activation_function", "gelu_pytorch_tanh")), true, "c_fc",
                       "c_proj");
  spec.names = {.base = "transformer", .embedding = "wte", .positions = "wpe", .layers = "h", .norm = "ln_f"};
  spec.block = {.attention = "attn", .attention_norm = "ln_1", .mlp_norm = "ln_2"};
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  return spec;
}

extern const ArchEntry entry_gpt_bigcode;
constinit const ArchEntry entry_gpt_bigcode{.name = "gpt_bigcode", .describe = describe};

}  // namespace lf
