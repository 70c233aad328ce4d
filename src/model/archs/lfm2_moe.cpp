// LFM2 MoE: LFM2 with mixtures of experts after the first layers.
#include "model/hybrid_config.h"
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = lfm2_spec(config);
  MoeSpec moe = read_experts(config, int_or(config, "moe_intermediate_size", 1792), 32, 4);
  moe.router.rule = RouterRule::kSigmoid;
  moe.router.form = RouterForm::kCalledLinear;
  if (bool_or(config, "use_expert_bias", true)) {
    moe.router.correction_bias = "expert_bias";
    moe.router.correction_bias_in_mixture = true;
  }
  moe.router.round_weights = true;
  moe.router.renormalise = bool_or(config, "norm_topk_prob", true);
  moe.router.norm_epsilon = 1e-6;
  moe.router.scale = number_or(config, "routed_scaling_factor", 1.0);
  moe.experts.stored_names = spec.mlp.names;
  const int64_t dense = int_or(config, "num_dense_layers", 2);
  set_experts(spec, moe, [=](int64_t layer) { return layer >= dense; });
  return spec;
}

extern const ArchEntry entry_lfm2_moe;
constinit const ArchEntry entry_lfm2_moe{.name = "lfm2_moe", .describe = describe};

}  // namespace lf
