// Qwen3-MoE: Qwen3's attention and experts.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.mlp.bias = false;
  MoeSpec moe = read_experts(config, int_or(config, "moe_intermediate_size", 768), 128, 8);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", false);
  moe.router.round_weights = true;
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, qwen_sparse_layers(config));
  const int64_t window = bool_or(config, "use_sliding_window", false) ? int_or(config, "sliding_window", 4096) : 0;
  for (LayerSpec& layer : spec.layers) layer.window = window;
  return spec;
}

extern const ArchEntry entry_qwen3_moe;
constinit const ArchEntry entry_qwen3_moe{.name = "qwen3_moe", .describe = describe};

}  // namespace lf
