// GPT-2: learned positions, layer norms, one matrix for queries, keys and values; weights are stored in x out.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  const Json named = with_gpt2_keys(config);
  ModelSpec spec = llama_spec(defaulted(named, {{"tie_word_embeddings", true}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.ropes.clear();
  spec.learned_positions = spec.max_positions;
  spec.attention.qkv_bias = spec.attention.output_bias = true;
  spec.attention.layout = QkvLayout::kStacked;
  spec.attention.transposed_weights = true;
  spec.attention.names.fused = "c_attn";
  spec.attention.names.output = "c_proj";
  spec.attention.dropout = number_or(config, "attn_pdrop", 0.1);
  if (!bool_or(config, "scale_attn_weights", true)) spec.attention.scale = 1;
  spec.mlp = plain_mlp(spec.mlp.intermediate_size,
                       activation_named(string_or(config, "activation_function", "gelu_new")), true, "c_fc", "c_proj");
  spec.mlp.transposed_weights = true;
  spec.names = {.base = "transformer", .embedding = "wte", .positions = "wpe", .layers = "h", .norm = "ln_f"};
  spec.block = {.attention = "attn", .attention_norm = "ln_1", .mlp_norm = "ln_2"};
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].rope = -1;
    if (!bool_or(config, "scale_attn_by_inverse_layer_idx", false)) continue;
    AttentionSpec attention = spec.attention;
    const double base =
        attention.scale > 0 ? attention.scale : 1.0 / std::sqrt(static_cast<double>(attention.head_dim));
    attention.scale = base / static_cast<double>(i + 1);
    spec.layers[i].attention = attention;
  }
  return spec;
}

extern const ArchEntry entry_gpt2;
constinit const ArchEntry entry_gpt2{.name = "gpt2", .describe = describe};

}  // namespace lf
