// Yuan 2.0 (arXiv 2311.15786), after the code published with the models: localized filtering attention.
#include "base/error.h"
#include "layers/mixers/filtered_attention.h"
#include "model/arch.h"

namespace lf {

static void refuse_unavailable(const Json& config) {
  LF_CHECK(kUnsupported, !find_value(config, "moe_config"),
           "config.json: moe_config (Yuan 2.0-M32's mixture of experts) is not available for yuan");
  LF_CHECK(kUnsupported, !bool_or(config, "use_shareqk", false),
           "config.json: use_shareqk is not available for yuan (queries and keys of their own are)");
}

static ModelSpec describe(const Json& config) {
  refuse_unavailable(config);
  ModelSpec spec = llama_spec(
      defaulted(renamed(config, {{"model_max_length", "max_position_embeddings"}}),
                {{"tie_word_embeddings", true}, {"pad_token_id", 77185}, {"max_position_embeddings", 8192}}));
  const int64_t width = int_or(config, "attention_projection_size", spec.hidden_size);
  FilteredAttentionSpec filtered;
  filtered.heads = spec.attention.heads;
  filtered.head_dim = spec.attention.head_dim = width / std::max<int64_t>(spec.attention.heads, 1);
  filtered.dropout = number_or(config, "attention_dropout", 0.0);
  spec.rope().width = spec.hidden_size / spec.attention.heads;  // also where heads are wider than that
  const auto shared = std::make_shared<const FilteredAttentionSpec>(filtered);
  for (LayerSpec& layer : spec.layers) layer.mixer = shared;
  spec.mlp.bias = false;
  spec.mlp.names = {.gate = "up_proj", .up = "gate_proj", .down = "down_proj"};  // the activation acts on up_proj
  return spec;
}

extern const ArchEntry entry_yuan;
constinit const ArchEntry entry_yuan{.name = "yuan", .describe = describe};

}  // namespace lf
