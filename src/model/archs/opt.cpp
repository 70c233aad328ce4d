// OPT (arXiv 2205.01068): learned positions whose table starts at row 2, ReLU; the 350M has norms after each part and
// narrower embeddings.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(renamed(config, {{"ffn_dim", "intermediate_size"}}),
                                        {{"tie_word_embeddings", true}, {"pad_token_id", 1}}));
  const bool bias = bool_or(config, "enable_bias", true), first = bool_or(config, "do_layer_norm_before", true);
  spec.norm = layer_norm_spec(1e-5);
  spec.norm.affine = spec.norm.bias = bool_or(config, "layer_norm_elementwise_affine", true);
  spec.ropes.clear();
  spec.learned_positions = spec.max_positions + 2;
  spec.learned_positions_offset = 2;
  const int64_t width = int_or(config, "word_embed_proj_dim", spec.hidden_size);
  if (width != spec.hidden_size) spec.embedding_width = width;
  spec.attention.qkv_bias = spec.attention.output_bias = bias;
  spec.attention.names.output = "out_proj";
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, activation_named(string_or(config, "activation_function", "relu")),
                       bias, "fc1", "fc2");
  spec.block.mlp.clear();  // fc1 and fc2 stand in the layer itself
  spec.block.attention_norm = "self_attn_layer_norm";
  spec.block.mlp_norm = "final_layer_norm";
  if (!first) spec.block.wiring = Wiring::kPostNorm;
  const bool final_norm = first && !bool_or(config, "_remove_final_layer_norm", false);
  spec.names = {.base = "model.decoder", .positions = "embed_positions", .norm = final_norm ? "final_layer_norm" : ""};
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  return spec;
}

extern const ArchEntry entry_opt;
constinit const ArchEntry entry_opt{.name = "opt", .describe = describe};

}  // namespace lf
