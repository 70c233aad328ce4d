// DeepSeek-V2 (arXiv 2405.04434): latent attention; softmax router, optionally limited to the best groups of experts;
// shared experts. Scores are scaled as in the published code (and in DeepSeek-V3) where YaRN is used.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

static MoeSpec read_moe(const Json& config) {
  const int64_t width = int_or(config, "moe_intermediate_size", 1407);
  MoeSpec moe = read_experts(config, width, 64, 6);
  moe.router.form = RouterForm::kLinear;
  moe.router.in_fp32 = true;
  moe.router.scale = number_or(config, "routed_scaling_factor", 1.0);
  const std::string method = string_or(config, "topk_method", "greedy");
  LF_CHECK(kUnsupported, method == "greedy" || method == "group_limited_greedy",
           "config.json: topk_method '{}' is not available for deepseek_v2 (greedy, group_limited_greedy)", method);
  if (method == "group_limited_greedy") {
    moe.router.groups = required_int(config, "n_group");
    moe.router.kept_groups = required_int(config, "topk_group");
  }
  if (const auto shared = optional_int(config, "n_shared_experts")) {
    moe.shared = MlpSpec{.intermediate_size = width * *shared, .activation = moe.experts.activation};
  }
  return moe;
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  read_latent_attention(config, spec);
  const int64_t dense = int_or(config, "first_k_dense_replace", 0);
  set_experts(spec, read_moe(config), [=](int64_t layer) { return layer >= dense; });
  return spec;
}

extern const ArchEntry entry_deepseek_v2;
constinit const ArchEntry entry_deepseek_v2{.name = "deepseek_v2", .describe = describe};

}  // namespace lf
