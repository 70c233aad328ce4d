// Youtu-LLM: DeepSeek-V3's latent attention with a dense feed-forward part.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"tie_word_embeddings", true}}));
  spec.mlp.bias = false;
  read_latent_attention(config, spec);
  if (!find_value(config, "initializer_range")) {
    spec.initializer_range = 2.0 / std::sqrt(5.0 * static_cast<double>(spec.hidden_size));
  }
  return spec;
}

extern const ArchEntry entry_youtu;
constinit const ArchEntry entry_youtu{.name = "youtu", .describe = describe};

}  // namespace lf
