// GLM-4.7-Flash: DeepSeek-V3's attention and experts.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& given) {
  const Json config = defaulted(given, {{"rms_norm_eps", 1e-5}, {"routed_scaling_factor", 1.8}});
  ModelSpec spec = llama_spec(config);
  read_latent_attention(config, spec);
  const std::vector<std::string> types = layer_strings(config, "mlp_layer_types", spec.layers.size());
  const int64_t dense = int_or(config, "first_k_dense_replace", 1);
  set_experts(spec, read_deepseek_v3_experts(config, 64, 4), [&](int64_t layer) {
    return types.empty() ? layer >= dense : types[static_cast<size_t>(layer)] == "sparse";
  });
  ignore_prediction_layers(config, spec);
  return spec;
}

extern const ArchEntry entry_glm4_moe_lite;
constinit const ArchEntry entry_glm4_moe_lite{.name = "glm4_moe_lite", .describe = describe};

}  // namespace lf
