// OLMo 3: OLMo 2 with a sliding window in three of four layers, whose rotary positions are never scaled.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"pad_token_id", 1}, {"rms_norm_eps", 1e-5}}));
  spec.norm.fp32_weight = true;
  spec.attention.qk_norm = QkNorm::kFull;
  spec.mlp.bias = false;
  spec.block = {.attention_norm = "",
                .mlp_norm = "",
                .attention_post_norm = "post_attention_layernorm",
                .mlp_post_norm = "post_feedforward_layernorm"};
  const int64_t window = int_or(config, "sliding_window", 4096);
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  RopeSpec local;
  local.theta = spec.rope().theta;
  spec.ropes.push_back(local);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool sliding = types.empty() ? (i + 1) % 4 != 0 : types[i] == "sliding_attention";
    if (!sliding) continue;
    spec.layers[i].window = window;
    spec.layers[i].rope = 1;
  }
  return spec;
}

extern const ArchEntry entry_olmo3;
constinit const ArchEntry entry_olmo3{.name = "olmo3", .describe = describe};

}  // namespace lf
