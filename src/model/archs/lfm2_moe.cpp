// LFM2 MoE: LFM2 with mixtures of experts after the first layers.
#include "layers/moe/moe.h"
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = lfm2_spec(config);
  MoeSpec moe;
  moe.router.rule = RouterRule::kSigmoid;
  moe.router.chosen = int_or(config, "num_experts_per_tok", 4);
  if (bool_or(config, "use_expert_bias", true)) {
    moe.router.correction_bias = "expert_bias";
    moe.router.stored_correction_bias = "^expert_bias";
  }
  moe.router.renormalise = bool_or(config, "norm_topk_prob", true);
  moe.router.norm_epsilon = 1e-6;
  moe.router.scale = number_or(config, "routed_scaling_factor", 1.0);
  moe.experts.count = int_or(config, "num_experts", 32);
  moe.experts.width = int_or(config, "moe_intermediate_size", 1792);
  moe.experts.stored_prefix = "experts.";
  moe.experts.stored_names = spec.mlp.names;
  const auto shared = std::make_shared<MoeSpec>(moe);
  const int64_t dense = int_or(config, "num_dense_layers", 2);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (static_cast<int64_t>(i) >= dense) spec.layers[i].feed_forward = shared;
  }
  return spec;
}

extern const ArchEntry entry_lfm2_moe;
constinit const ArchEntry entry_lfm2_moe{.name = "lfm2_moe", .describe = describe};

}  // namespace lf
