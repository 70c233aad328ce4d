// MiniCPM 3, after the code published with the model: MiniCPM with latent attention.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"tie_word_embeddings", true}}));
  read_latent_attention(
      defaulted(config, {{"q_lora_rank", 768},
                         {"kv_lora_rank", 256},
                         {"qk_nope_head_dim", 64},
                         {"qk_rope_head_dim", 32},
                         {"rope_interleave", false},
                         {"v_head_dim", spec.hidden_size / std::max<int64_t>(spec.attention.heads, 1)}}),
      spec);
  spec.mlp.bias = false;
  set_minicpm_multipliers(config, spec);
  return spec;
}

extern const ArchEntry entry_minicpm3;
constinit const ArchEntry entry_minicpm3{.name = "minicpm3", .describe = describe};

}  // namespace lf
