// BLOOM (arXiv 2211.05100): ALiBi instead of positions, a norm on the embeddings.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"n_embed", "hidden_size"},
                                {"n_layer", "num_hidden_layers"},
                                {"n_head", "num_attention_heads"},
                                {"num_attention_heads", "n_head"}});
  named["intermediate_size"] = 4 * required_int(named, "hidden_size");
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  ModelSpec spec = llama_spec(defaulted(named, {{"tie_word_embeddings", true}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_epsilon", 1e-5));
  spec.ropes.clear();
  spec.attention.alibi = true;
  spec.attention.qkv_bias = spec.attention.output_bias = true;
  spec.attention.layout = QkvLayout::kGrouped;
  spec.attention.names.fused = "query_key_value";
  spec.attention.names.output = "dense";
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, Activation::kGeluTanh, true, "dense_h_to_4h", "dense_4h_to_h");
  spec.block.attention = "self_attention";
  if (bool_or(config, "apply_residual_connection_post_layernorm", false)) spec.block.wiring = Wiring::kNormedResidual;
  spec.names = {.base = "transformer",
                .embedding = "word_embeddings",
                .embedding_norm = "word_embeddings_layernorm",
                .layers = "h",
                .norm = "ln_f"};
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  return spec;
}

extern const ArchEntry entry_bloom;
constinit const ArchEntry entry_bloom{.name = "bloom", .describe = describe};

}  // namespace lf
