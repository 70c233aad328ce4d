// FlexOlmo (Shi et al. 2025, arXiv 2507.07024): OLMo 2's wiring (norms after the sublayers) with experts.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_rope(config, spec.max_positions, 500000.0)};
  spec.attention.qk_norm = QkNorm::kFull;
  spec.block.attention_norm = spec.block.mlp_norm = "";
  spec.block.attention_post_norm = "post_attention_layernorm";
  spec.block.mlp_post_norm = "post_feedforward_layernorm";
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 7, 5);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", false);
  moe.router.round_weights = true;
  read_router_loss(config, spec, moe.router.chosen, 0.01);
  set_experts(spec, moe, [](int64_t) { return true; });
  return spec;
}

extern const ArchEntry entry_flex_olmo;
constinit const ArchEntry entry_flex_olmo{.name = "flex_olmo", .describe = describe};

}  // namespace lf
