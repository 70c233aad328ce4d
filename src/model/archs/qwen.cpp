// Qwen 1 (arXiv 2309.16609), after the code published with the models: queries, keys and values in one matrix with a
// bias; outside training long sequences get a larger rotary base and sharper queries.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json named = renamed(config, {{"kv_channels", "head_dim"},
                                {"layer_norm_epsilon", "rms_norm_eps"},
                                {"rotary_emb_base", "rope_theta"},
                                {"attn_dropout_prob", "attention_dropout"}});
  named["intermediate_size"] = required_int(config, "intermediate_size") / 2;  // that of config.json counts both halves
  named["hidden_act"] = "silu";
  named["pad_token_id"] = nullptr;  // its embedding has no padding row
  ModelSpec spec = llama_spec(defaulted(named, {{"head_dim", 128}, {"max_position_embeddings", 8192}}));
  const int64_t trained = int_or(config, "seq_length", 2048);
  spec.rope().rotated_fraction = number_or(config, "rotary_pct", 1.0);
  if (bool_or(config, "use_dynamic_ntk", true)) {
    spec.rope().scaling = RopeScaling::kNtkSteps;
    spec.rope().original_max_positions = trained;
    spec.rope().max_positions = 0;
    spec.rope().steps_in_training = false;
  }
  if (bool_or(config, "use_logn_attn", true)) spec.attention.log_scale_length = trained;
  const bool bias = !bool_or(config, "no_bias", true);
  spec.attention.qkv_bias = true;
  spec.attention.output_bias = spec.mlp.bias = bias;
  spec.attention.layout = QkvLayout::kStacked;
  spec.attention.names.fused = "c_attn";
  spec.attention.names.output = "c_proj";
  spec.mlp.names = {.gate = "w2", .up = "w1", .down = "c_proj"};
  spec.block.attention = "attn";
  spec.block.attention_norm = "ln_1";
  spec.block.mlp_norm = "ln_2";
  spec.names = {.base = "transformer", .embedding = "wte", .layers = "h", .norm = "ln_f"};
  return spec;
}

extern const ArchEntry entry_qwen;
constinit const ArchEntry entry_qwen{.name = "qwen", .describe = describe};

}  // namespace lf
