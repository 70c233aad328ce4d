#include "model/family_parts.h"

namespace lf {

Json with_gpt2_keys(const Json& config) {
  Json named = renamed(config, {{"n_embd", "hidden_size"},
                                {"n_layer", "num_hidden_layers"},
                                {"n_head", "num_attention_heads"},
                                {"n_positions", "max_position_embeddings"},
                                {"n_inner", "intermediate_size"}});
  if (!find_value(named, "intermediate_size")) named["intermediate_size"] = 4 * required_int(named, "hidden_size");
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  return named;
}

std::vector<bool> sliding_layers(const Json& config, size_t layers, int64_t period) {
  const std::vector<std::string> types = layer_strings(config, "layer_types", layers);
  const auto every = static_cast<size_t>(std::max<int64_t>(period, 1));
  std::vector<bool> out(layers);
  for (size_t i = 0; i < layers; ++i) out[i] = types.empty() ? (i + 1) % every != 0 : types[i] == "sliding_attention";
  return out;
}

ModelSpec glm_spec(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"partial_rotary_factor", 0.5},
                                                 {"head_dim", 128},
                                                 {"attention_bias", true},
                                                 {"rms_norm_eps", 1.5625e-7},
                                                 {"pad_token_id", 151329},
                                                 {"max_position_embeddings", 131072}}));
  spec.rope().interleaved = true;
  spec.attention.output_bias = spec.mlp.bias = false;
  spec.mlp.fused = true;
  return spec;
}

ModelSpec olmo2_spec(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"pad_token_id", 1}, {"rms_norm_eps", 1e-5}}));
  spec.norm.fp32_weight = true;
  spec.attention.qk_norm = QkNorm::kFull;
  spec.mlp.bias = false;
  spec.block = {.attention_norm = "",
                .mlp_norm = "",
                .attention_post_norm = "post_attention_layernorm",
                .mlp_post_norm = "post_feedforward_layernorm"};
  return spec;
}

void set_cohere_block(const Json& config, ModelSpec& spec) {
  spec.norm = {.kind = NormKind::kLayer, .eps = number_or(config, "layer_norm_eps", 1e-5), .fp32_weight = true};
  spec.rope().interleaved = true;
  spec.mlp.bias = false;
  spec.block.wiring = Wiring::kParallel;
  spec.block.mlp_norm.clear();
  spec.logit_multiplier = number_or(config, "logit_scale", 0.0625);
}

}  // namespace lf
