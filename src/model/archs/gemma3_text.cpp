// Gemma 3 (arXiv 2503.19786), text part: Gemma 2 with query and key norms, without soft caps by default, and rotary
// positions of their own in layers with a sliding window.
#include "model/arch.h"

namespace lf {

/// Of layers that see everything, and of those with a window (legacy: rope_local_base_freq, never scaled).
static std::vector<RopeSpec> read_ropes(const Json& config, int64_t max_positions) {
  const Json* parameters = find_value(config, "rope_parameters");
  if (parameters && parameters->is_object() && parameters->contains("full_attention")) {
    return {read_rope(config, max_positions, 1e6, "full_attention"),
            read_rope(config, max_positions, 1e4, "sliding_attention")};
  }
  RopeSpec local;
  local.theta = number_or(config, "rope_local_base_freq", 1e4);
  return {read_rope(config, max_positions, 1e6), local};
}

static ModelSpec describe(const Json& config) {
  Json plain = config;
  plain.erase("rope_parameters");
  plain.erase("rope_scaling");
  ModelSpec spec = llama_spec(defaulted(
      plain,
      {{"tie_word_embeddings", true}, {"pad_token_id", 0}, {"head_dim", 256}, {"max_position_embeddings", 131072}}));
  spec.norm.weight_offset = 1;
  spec.norm.fp32_weight = true;
  spec.embedding_multiplier = std::sqrt(static_cast<double>(spec.hidden_size));
  spec.embedding_multiplier_rounded = true;
  spec.mlp.activation = activation_named(string_or(config, "hidden_activation", "gelu_pytorch_tanh"));
  spec.mlp.bias = false;
  spec.attention.scale = 1.0 / std::sqrt(number_or(config, "query_pre_attn_scalar", 256));
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.attention.score_softcap = number_or(config, "attn_logit_softcapping", 0);
  spec.logit_softcap = number_or(config, "final_logit_softcapping", 0);
  spec.block.attention_post_norm = "post_attention_layernorm";
  spec.block.mlp_norm = "pre_feedforward_layernorm";
  spec.block.mlp_post_norm = "post_feedforward_layernorm";
  spec.ropes = read_ropes(config, spec.max_positions);
  const int64_t window = int_or(config, "sliding_window", 4096),
                pattern = int_or(config, "sliding_window_pattern", int_or(config, "_sliding_window_pattern", 6));
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool sliding = types.empty() ? (i + 1) % static_cast<size_t>(std::max<int64_t>(pattern, 1)) != 0
                                       : types[i] == "sliding_attention";
    if (!sliding) continue;
    spec.layers[i].window = window;
    spec.layers[i].rope = 1;
  }
  return spec;
}

extern const ArchEntry entry_gemma3_text;
constinit const ArchEntry entry_gemma3_text{.name = "gemma3_text", .describe = describe};

}  // namespace lf
