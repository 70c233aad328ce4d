// Mistral: the Llama block with a sliding window in every layer (absent key = 4096, null = none).
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  const bool null = config.contains("sliding_window") && config.at("sliding_window").is_null();
  const int64_t window = null ? 0 : int_or(config, "sliding_window", 4096);
  for (LayerSpec& layer : spec.layers) layer.window = window;
  return spec;
}

extern const ArchEntry entry_mistral;
constinit const ArchEntry entry_mistral{.name = "mistral", .describe = describe};

}  // namespace lf
