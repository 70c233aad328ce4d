// Command R7B and A: Command R with a sliding window in three of four layers; the others have no positions.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(
      config,
      {{"tie_word_embeddings", true}, {"pad_token_id", 0}, {"max_position_embeddings", 8192}, {"head_dim", 128}}));
  spec.norm = {.kind = NormKind::kLayer, .eps = number_or(config, "layer_norm_eps", 1e-5), .fp32_weight = true};
  spec.rope().interleaved = true;
  spec.mlp.bias = false;
  spec.block.wiring = Wiring::kParallel;
  spec.block.mlp_norm.clear();
  spec.logit_multiplier = number_or(config, "logit_scale", 0.0625);
  const int64_t window = int_or(config, "sliding_window", 4096), pattern = int_or(config, "sliding_window_pattern", 4);
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool sliding = types.empty() ? (i + 1) % static_cast<size_t>(std::max<int64_t>(pattern, 1)) != 0
                                       : types[i] == "sliding_attention";
    spec.layers[i].window = sliding ? window : 0;
    spec.layers[i].rope = sliding ? 0 : -1;
  }
  return spec;
}

extern const ArchEntry entry_cohere2;
constinit const ArchEntry entry_cohere2{.name = "cohere2", .describe = describe};

}  // namespace lf
