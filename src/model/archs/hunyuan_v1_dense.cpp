// Hunyuan dense: the Llama block with query and key norms after the rotation.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"rms_norm_eps", 1e-5}, {"pad_token_id", 0}}));
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.attention.qk_norm_after_rope = true;
  spec.attention.names.q_norm = "query_layernorm";
  spec.attention.names.k_norm = "key_layernorm";
  spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_hunyuan_v1_dense;
constinit const ArchEntry entry_hunyuan_v1_dense{.name = "hunyuan_v1_dense", .describe = describe};

}  // namespace lf
