// GLM-4-0414: GLM with norms after attention and MLP as well.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"partial_rotary_factor", 0.5},
                                                 {"head_dim", 128},
                                                 {"attention_bias", true},
                                                 {"rms_norm_eps", 1.5625e-7},
                                                 {"pad_token_id", 151329},
                                                 {"max_position_embeddings", 131072}}));
  spec.rope().interleaved = true;
  spec.attention.output_bias = spec.mlp.bias = false;
  spec.mlp.fused = true;
  spec.block.attention_post_norm = "post_self_attn_layernorm";
  spec.block.mlp_post_norm = "post_mlp_layernorm";
  return spec;
}

extern const ArchEntry entry_glm4;
constinit const ArchEntry entry_glm4{.name = "glm4", .describe = describe};

}  // namespace lf
