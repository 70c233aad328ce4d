// GLM-4-0414: GLM with norms after attention and MLP as well.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = glm_spec(config);
  spec.block.attention_post_norm = "post_self_attn_layernorm";
  spec.block.mlp_post_norm = "post_mlp_layernorm";
  return spec;
}

extern const ArchEntry entry_glm4;
constinit const ArchEntry entry_glm4{.name = "glm4", .describe = describe};

}  // namespace lf
