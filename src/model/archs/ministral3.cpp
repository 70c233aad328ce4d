// Ministral 3: the Llama block with YaRN positions, queries scaled by their position, and an optional sliding window.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.norm.eps = number_or(config, "rms_norm_eps", 1e-5);
  const Json rope = config.value("rope_parameters", config.value("rope_scaling", Json::object()));
  spec.attention.query_scale_beta = number_or(rope, "llama_4_scaling_beta", 0.0);
  spec.attention.query_scale_length = spec.rope().original_max_positions;
  const int64_t window = int_or(config, "sliding_window", 0);
  for (LayerSpec& layer : spec.layers) layer.window = window;
  return spec;
}

extern const ArchEntry entry_ministral3;
constinit const ArchEntry entry_ministral3{.name = "ministral3", .describe = describe};

}  // namespace lf
