// OLMo 2 (arXiv 2501.00656): norms after attention and MLP instead of before, and one over all queries and all keys.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
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

extern const ArchEntry entry_olmo2;
constinit const ArchEntry entry_olmo2{.name = "olmo2", .describe = describe};

}  // namespace lf
