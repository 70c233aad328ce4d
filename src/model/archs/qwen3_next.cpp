// Qwen3-Next: gated attention in every fourth layer, the gated delta rule in the others, and mixtures of experts.
#include "model/hybrid_config.h"
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = qwen_hybrid_spec(config, GatedDeltaSpec::Layout::kGrouped);
  if (int_or(config, "num_experts", 512) == 0) return spec;
  MoeSpec moe = read_experts(config, int_or(config, "moe_intermediate_size", 512), 512, 10);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", true);
  moe.router.round_weights = true;
  moe.shared = MlpSpec{.intermediate_size = int_or(config, "shared_expert_intermediate_size", 512)};
  moe.shared_name = "shared_expert";
  moe.shared_gate = "shared_expert_gate";
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, qwen_sparse_layers(config));
  return spec;
}

extern const ArchEntry entry_qwen3_next;
constinit const ArchEntry entry_qwen3_next{.name = "qwen3_next", .describe = describe};

}  // namespace lf
