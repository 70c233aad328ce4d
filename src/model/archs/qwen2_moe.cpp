// Qwen2-MoE: Qwen2's attention, experts, and one more expert for every token behind a gate.
#include "model/moe_config.h"

namespace lf {

/// Windows only where use_sliding_window says so: every second layer of the first max_window_layers.
static void read_windows(const Json& config, ModelSpec& spec) {
  if (!bool_or(config, "use_sliding_window", false)) return;
  const int64_t window = int_or(config, "sliding_window", 4096), last = int_or(config, "max_window_layers", 28);
  if (find_value(config, "layer_types")) return set_sliding_layers(config, spec, window);
  for (size_t i = 0; i < spec.layers.size() && static_cast<int64_t>(i) < last; i += 2) spec.layers[i].window = window;
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qkv_bias = bool_or(config, "qkv_bias", true);
  spec.attention.output_bias = spec.mlp.bias = false;
  MoeSpec moe = read_experts(config, int_or(config, "moe_intermediate_size", 1408), 60, 4);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", false);
  moe.router.round_weights = true;
  moe.shared = MlpSpec{.intermediate_size = int_or(config, "shared_expert_intermediate_size", 5632),
                       .activation = moe.experts.activation};
  moe.shared_name = "shared_expert";
  moe.shared_gate = "shared_expert_gate";
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, qwen_sparse_layers(config));
  read_windows(config, spec);
  return spec;
}

extern const ArchEntry entry_qwen2_moe;
constinit const ArchEntry entry_qwen2_moe{.name = "qwen2_moe", .describe = describe};

}  // namespace lf
