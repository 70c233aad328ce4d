// Hunyuan 3: per-head norms, sigmoid router with a correction bias, a shared expert.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& given) {
  const Json config = defaulted(
      given, {{"head_dim", 128}, {"num_key_value_heads", 8}, {"rms_norm_eps", 1e-5}, {"initializer_range", 0.006}});
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_rope(config, spec.max_positions, 11158840.0)};
  spec.attention.qk_norm = QkNorm::kPerHead;
  const int64_t width = int_or(config, "moe_intermediate_size", 1536);
  MoeSpec moe = read_experts(config, width, 192, 8);
  moe.router.rule = RouterRule::kSigmoid;
  moe.router.in_fp32 = true;
  moe.router.stored_weight = "^router.gate.weight";
  moe.router.correction_bias = "e_score_correction_bias";
  moe.router.correction_bias_in_mixture = true;
  moe.router.stored_correction_bias = "expert_bias";
  moe.router.renormalise = true;
  moe.router.norm_epsilon = 1e-20;
  moe.router.scale = number_or(config, "router_scaling_factor", 2.826);
  moe.shared = spec.mlp;
  moe.shared->intermediate_size = width * int_or(config, "num_shared_experts", 1);
  moe.shared_name = "shared_mlp";
  const std::vector<std::string> types = layer_strings(config, "mlp_layer_types", spec.layers.size());
  set_experts(spec, moe, [&](int64_t i) { return types.empty() ? i > 0 : types[static_cast<size_t>(i)] == "sparse"; });
  return spec;
}

extern const ArchEntry entry_hy_v3;
constinit const ArchEntry entry_hy_v3{.name = "hy_v3", .describe = describe};

}  // namespace lf
