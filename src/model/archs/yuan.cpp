// Yuan 2.0 (arXiv 2311.15786), after the code published with the models: localized filtering attention.
#include "layers/mixers/filtered_attention.h"
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(
      defaulted(renamed(config, {{"model_max_length", "max_position_embeddings"}}),
                {{"tie_word_embeddings", true}, {"pad_token_id", 77185}, {"max_position_embeddings", 8192}}));
  const int64_t width = int_or(config, "attention_projection_size", spec.hidden_size);
  FilteredAttentionSpec filtered;
  filtered.heads = spec.attention.heads;
  filtered.head_dim = spec.attention.head_dim = width / std::max<int64_t>(spec.attention.heads, 1);
  filtered.dropout = number_or(config, "attention_dropout", 0.0);
  const auto shared = std::make_shared<const FilteredAttentionSpec>(filtered);
  for (LayerSpec& layer : spec.layers) layer.mixer = shared;
  spec.mlp.bias = false;
  spec.mlp.names = {.gate = "up_proj", .up = "gate_proj", .down = "down_proj"};  // the activation acts on up_proj
  return spec;
}

extern const ArchEntry entry_yuan;
constinit const ArchEntry entry_yuan{.name = "yuan", .describe = describe};

}  // namespace lf
