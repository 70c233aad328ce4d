// Command R7B and A: Command R with a sliding window in three of four layers; the others have no positions.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(
      config,
      {{"tie_word_embeddings", true}, {"pad_token_id", 0}, {"max_position_embeddings", 8192}, {"head_dim", 128}}));
  set_cohere_block(config, spec);
  const int64_t window = int_or(config, "sliding_window", 4096), pattern = int_or(config, "sliding_window_pattern", 4);
  const std::vector<bool> sliding = sliding_layers(config, spec.layers.size(), pattern);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].window = sliding[i] ? window : 0;
    spec.layers[i].rope = sliding[i] ? 0 : -1;
  }
  return spec;
}

extern const ArchEntry entry_cohere2;
constinit const ArchEntry entry_cohere2{.name = "cohere2", .describe = describe};

}  // namespace lf
