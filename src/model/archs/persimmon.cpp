// Persimmon 8B: layer norms with bias also on each head's query and key, squared ReLU, half of each head turns.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& given) {
  Json config = given;
  config["num_key_value_heads"] = required_int(config, "num_attention_heads");
  ModelSpec spec = llama_spec(
      defaulted(config, {{"hidden_act", "relu2"}, {"partial_rotary_factor", 0.5}, {"max_position_embeddings", 16384}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_eps", 1e-5));
  spec.attention.qkv_bias = spec.attention.output_bias = true;
  spec.attention.layout = QkvLayout::kGrouped;
  spec.attention.names.fused = "query_key_value";
  spec.attention.names.output = "dense";
  if (bool_or(config, "qk_layernorm", true)) {
    spec.attention.qk_norm = QkNorm::kPerHead;
    spec.attention.names.q_norm = "q_layernorm";
    spec.attention.names.k_norm = "k_layernorm";
  }
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, true, "dense_h_to_4h", "dense_4h_to_h");
  spec.names.norm = "final_layernorm";
  return spec;
}

extern const ArchEntry entry_persimmon;
constinit const ArchEntry entry_persimmon{.name = "persimmon", .describe = describe};

}  // namespace lf
