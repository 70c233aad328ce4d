// Command R: attention and MLP side by side on one layer norm without bias, interleaved rotary positions, scaled
// logits.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(
      config,
      {{"tie_word_embeddings", true}, {"pad_token_id", 0}, {"rope_theta", 5e5}, {"max_position_embeddings", 8192}}));
  set_cohere_block(config, spec);
  if (bool_or(config, "use_qk_norm", false)) spec.attention.qk_norm = QkNorm::kEachHead;
  return spec;
}

extern const ArchEntry entry_cohere;
constinit const ArchEntry entry_cohere{.name = "cohere", .describe = describe};

}  // namespace lf
