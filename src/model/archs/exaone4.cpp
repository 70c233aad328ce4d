// EXAONE 4: norms after attention and MLP, per-head query and key norms; with a sliding window in some layers, those
// that see everything have no positions.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"rms_norm_eps", 1e-5}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.block = {.attention_norm = "",
                .mlp_norm = "",
                .attention_post_norm = "post_attention_layernorm",
                .mlp_post_norm = "post_feedforward_layernorm"};
  const bool hybrid = !(config.contains("sliding_window") && config.at("sliding_window").is_null());
  if (!hybrid) return spec;
  const int64_t window = int_or(config, "sliding_window", 4096);
  // LLLG and the like name the kinds by a word; a number is the period.
  const Json* pattern = find_value(config, "sliding_window_pattern");
  const size_t period = !pattern ? 4
                        : pattern->is_string()
                            ? pattern->get<std::string>().size()
                            : static_cast<size_t>(std::max<int64_t>(int_or(config, "sliding_window_pattern", 4), 1));
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool sliding = types.empty() ? (i + 1) % std::max<size_t>(period, 1) != 0 && i + 1 != spec.layers.size()
                                       : types[i] == "sliding_attention";
    spec.layers[i].window = sliding ? window : 0;
    spec.layers[i].rope = sliding ? 0 : -1;
  }
  return spec;
}

extern const ArchEntry entry_exaone4;
constinit const ArchEntry entry_exaone4{.name = "exaone4", .describe = describe};

}  // namespace lf
