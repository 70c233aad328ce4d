// MiniMax-M2: query and key norms over all heads, a partial rotary width, Mixtral's experts behind a sigmoid router.
#include "model/moe_config.h"

namespace lf {

/// The published configuration tells rotary_dim, not partial_rotary_factor.
static Json with_rotary_fraction(Json config) {
  const int64_t width = int_or(config, "rotary_dim", 0), head = int_or(config, "head_dim", 128);
  if (width <= 0 || find_value(config, "partial_rotary_factor")) return config;
  config["partial_rotary_factor"] = static_cast<double>(width) / static_cast<double>(head);
  return config;
}

static ModelSpec describe(const Json& given) {
  const Json config = with_rotary_fraction(defaulted(given, {{"head_dim", 128}, {"num_key_value_heads", 8}}));
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_rope(config, spec.max_positions, 5e6)};
  spec.attention.qkv_bias = spec.attention.output_bias = false;
  spec.attention.qk_norm = QkNorm::kFull;
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 256, 8);
  use_mixtral_names(moe);
  moe.router.rule = RouterRule::kSigmoid;
  moe.router.correction_bias = "e_score_correction_bias";
  moe.router.correction_bias_in_mixture = true;
  moe.router.stored_correction_bias = "^block_sparse_moe.e_score_correction_bias";
  moe.router.renormalise = true;
  moe.jitter = number_or(config, "router_jitter_noise", 0.0);
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, [](int64_t) { return true; });
  return spec;
}

extern const ArchEntry entry_minimax_m2;
constinit const ArchEntry entry_minimax_m2{.name = "minimax_m2", .describe = describe};

}  // namespace lf
