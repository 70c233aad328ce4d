// Gemma 2 (arXiv 2408.00118): Gemma with norms around each part, soft caps on scores and logits, and a sliding window
// in every other layer.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec =
      llama_spec(defaulted(config, {{"tie_word_embeddings", true}, {"pad_token_id", 0}, {"head_dim", 256}}));
  spec.norm.weight_offset = 1;
  spec.norm.fp32_weight = true;
  spec.embedding_multiplier = std::sqrt(static_cast<double>(spec.hidden_size));
  spec.embedding_multiplier_rounded = true;
  spec.mlp.activation = activation_named(string_or(config, "hidden_activation", "gelu_pytorch_tanh"));
  spec.mlp.bias = false;
  spec.attention.scale = 1.0 / std::sqrt(number_or(config, "query_pre_attn_scalar", 256));
  spec.block.attention_post_norm = "post_attention_layernorm";
  spec.block.mlp_norm = "pre_feedforward_layernorm";
  spec.block.mlp_post_norm = "post_feedforward_layernorm";
  spec.attention.score_softcap =
      config.contains("attn_logit_softcapping") ? number_or(config, "attn_logit_softcapping", 0) : 50.0;
  spec.logit_softcap =
      config.contains("final_logit_softcapping") ? number_or(config, "final_logit_softcapping", 0) : 30.0;
  const int64_t window = int_or(config, "sliding_window", 4096);
  set_sliding_layers(config, spec, window);
  if (!config.contains("layer_types")) {
    for (size_t i = 0; i < spec.layers.size(); i += 2) spec.layers[i].window = window;
  }
  return spec;
}

extern const ArchEntry entry_gemma2;
constinit const ArchEntry entry_gemma2{.name = "gemma2", .describe = describe};

}  // namespace lf
