// GLM-4.5: grouped attention with a partial rotary width, DeepSeek-V3's router and experts.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"rms_norm_eps", 1e-5}, {"partial_rotary_factor", 0.5}}));
  spec.attention.output_bias = spec.mlp.bias = false;
  if (bool_or(config, "use_qk_norm", false)) spec.attention.qk_norm = QkNorm::kPerHead;
  const int64_t dense = int_or(config, "first_k_dense_replace", 1);
  set_experts(spec, read_deepseek_v3_experts(config, 128, 8), [=](int64_t layer) { return layer >= dense; });
  ignore_prediction_layers(config, spec);
  return spec;
}

extern const ArchEntry entry_glm4_moe;
constinit const ArchEntry entry_glm4_moe{.name = "glm4_moe", .describe = describe};

}  // namespace lf
