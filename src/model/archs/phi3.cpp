// Phi-3 and Phi-4 (arXiv 2404.14219): the Llama block with one matrix for queries, keys and values and one for gate and
// up, and longrope for long contexts.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(
      defaulted(config, {{"pad_token_id", 32000}, {"rms_norm_eps", 1e-5}, {"max_position_embeddings", 4096}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.attention.layout = QkvLayout::kStacked;
  spec.mlp.fused = true;
  const int64_t window = int_or(config, "sliding_window", 0);
  for (LayerSpec& layer : spec.layers) layer.window = window;
  return spec;
}

extern const ArchEntry entry_phi3;
constinit const ArchEntry entry_phi3{.name = "phi3", .describe = describe};

}  // namespace lf
