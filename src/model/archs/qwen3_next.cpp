// Qwen3-Next: gated attention in every fourth layer, the gated delta rule in the others, and mixtures of experts.
#include "layers/moe/moe.h"
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = qwen_hybrid_spec(config, GatedDeltaSpec::Layout::kGrouped);
  MoeSpec moe;
  moe.router.chosen = int_or(config, "num_experts_per_tok", 10);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", true);
  moe.router.round_weights = true;
  moe.experts.count = int_or(config, "num_experts", 512);
  moe.experts.width = int_or(config, "moe_intermediate_size", 512);
  moe.experts.stored_prefix = "experts.";
  moe.shared = MlpSpec{.intermediate_size = int_or(config, "shared_expert_intermediate_size", 512)};
  moe.shared_name = "shared_expert";
  moe.shared_gate = "shared_expert_gate";
  const auto shared = std::make_shared<MoeSpec>(moe);
  const std::vector<int64_t> dense = int_list(config, "mlp_only_layers");
  const auto step = static_cast<size_t>(std::max<int64_t>(int_or(config, "decoder_sparse_step", 1), 1));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool listed = std::find(dense.begin(), dense.end(), static_cast<int64_t>(i)) != dense.end();
    if (!listed && moe.experts.count > 0 && (i + 1) % step == 0) spec.layers[i].feed_forward = shared;
  }
  return spec;
}

extern const ArchEntry entry_qwen3_next;
constinit const ArchEntry entry_qwen3_next{.name = "qwen3_next", .describe = describe};

}  // namespace lf
