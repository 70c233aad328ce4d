// GPT-NeoX and Pythia: partial rotary positions, queries, keys and values interleaved head by head in one matrix,
// attention and MLP side by side on norms of their own.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"rotary_pct", "partial_rotary_factor"}, {"rotary_emb_base", "rope_theta"}});
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  ModelSpec spec = llama_spec(defaulted(named, {{"partial_rotary_factor", 0.25}, {"hidden_act", "gelu"}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_eps", 1e-5));
  spec.attention.qkv_bias = spec.attention.output_bias = bool_or(config, "attention_bias", true);
  spec.attention.layout = QkvLayout::kGrouped;
  spec.attention.names.fused = "query_key_value";
  spec.attention.names.output = "dense";
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, true, "dense_h_to_4h", "dense_4h_to_h");
  spec.block.attention = "attention";
  if (bool_or(config, "use_parallel_residual", true)) spec.block.wiring = Wiring::kParallel;
  spec.names = {.base = "gpt_neox", .embedding = "embed_in", .norm = "final_layer_norm", .head = "embed_out"};
  return spec;
}

extern const ArchEntry entry_gpt_neox;
constinit const ArchEntry entry_gpt_neox{.name = "gpt_neox", .describe = describe};

}  // namespace lf
