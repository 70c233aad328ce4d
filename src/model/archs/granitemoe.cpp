// Granite 3 MoE: Granite's multipliers, and experts with stacked matrices in checkpoints, too.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.scale = number_or(config, "attention_multiplier", 1.0);
  spec.embedding_multiplier = number_or(config, "embedding_multiplier", 1.0);
  spec.logit_multiplier = 1.0 / number_or(config, "logits_scaling", 1.0);
  spec.block.residual_multiplier = number_or(config, "residual_multiplier", 1.0);
  spec.block.mlp = "block_sparse_moe";
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 8, 2);
  moe.router.rule = RouterRule::kChosenSoftmax;
  moe.router.form = RouterForm::kInnerLinear;
  moe.router.name = "router";
  moe.router.inner = "layer";
  moe.router.round_weights = true;
  moe.experts.stored = StoredExperts::kStacked;
  moe.experts.up = "input_linear.weight";
  moe.experts.down = "output_linear.weight";
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, [](int64_t) { return true; });
  return spec;
}

extern const ArchEntry entry_granitemoe;
constinit const ArchEntry entry_granitemoe{.name = "granitemoe", .describe = describe};

}  // namespace lf
