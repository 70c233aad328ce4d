// DeepSeek-V3 and R1 (arXiv 2412.19437): latent attention; sigmoid router with a correction bias, limited to the best
// groups of experts; shared experts. The layer for predicting one more token (61 of V3) is not part of the model.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& given) {
  const Json config = defaulted(given, {{"n_group", 8}, {"topk_group", 4}, {"routed_scaling_factor", 2.5}});
  ModelSpec spec = llama_spec(config);
  read_latent_attention(config, spec);
  const int64_t dense = int_or(config, "first_k_dense_replace", 3);
  set_experts(spec, read_deepseek_v3_experts(config, 256, 8), [=](int64_t layer) { return layer >= dense; });
  ignore_prediction_layers(config, spec);
  return spec;
}

extern const ArchEntry entry_deepseek_v3;
constinit const ArchEntry entry_deepseek_v3{.name = "deepseek_v3", .describe = describe};

}  // namespace lf
