// dots.llm1: Qwen3's attention, DeepSeek-V3's router and experts.
#include "model/moe_config.h"

namespace lf {

static void read_windows(const Json& config, ModelSpec& spec) {
  const int64_t window = int_or(config, "sliding_window", 4096), first = int_or(config, "max_window_layers", 62);
  if (config.contains("sliding_window") && config.at("sliding_window").is_null()) return;
  if (find_value(config, "layer_types")) return set_sliding_layers(config, spec, window);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (static_cast<int64_t>(i) >= first) spec.layers[i].window = window;
  }
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.mlp.bias = false;
  MoeSpec moe = read_deepseek_v3_experts(config, 128, 6);
  moe.router.renormalise = bool_or(config, "norm_topk_prob", false);
  const int64_t dense = int_or(config, "first_k_dense_replace", 0);
  set_experts(spec, moe, [=](int64_t layer) { return layer >= dense; });
  read_windows(config, spec);
  return spec;
}

extern const ArchEntry entry_dots1;
constinit const ArchEntry entry_dots1{.name = "dots1", .describe = describe};

}  // namespace lf
