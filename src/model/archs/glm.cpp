// GLM-4 9B as transformers has it: half of each head turns, in interleaved pairs; gate and up are one matrix.
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
  return spec;
}

extern const ArchEntry entry_glm;
constinit const ArchEntry entry_glm{.name = "glm", .describe = describe};

}  // namespace lf
