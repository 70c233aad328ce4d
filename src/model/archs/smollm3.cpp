// SmolLM3: the Llama block without positions in every fourth layer.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"tie_word_embeddings", true},
                                                 {"pad_token_id", 128004},
                                                 {"num_key_value_heads", 4},
                                                 {"rope_theta", 2e6},
                                                 {"max_position_embeddings", 32768}}));
  if (bool_or(config, "use_sliding_window", false))
    set_sliding_layers(config, spec, int_or(config, "sliding_window", 0));
  const std::vector<int64_t> rotates = int_list(config, "no_rope_layers");  // 1 = rotates, in spite of the name
  LF_CHECK(kFormat, rotates.empty() || rotates.size() == spec.layers.size(),
           "config.json: no_rope_layers must name all {} layers", spec.layers.size());
  const auto interval = static_cast<size_t>(std::max<int64_t>(int_or(config, "no_rope_layer_interval", 4), 1));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool turns = rotates.empty() ? (i + 1) % interval != 0 : rotates[i] != 0;
    if (!turns) spec.layers[i].rope = -1;
  }
  return spec;
}

extern const ArchEntry entry_smollm3;
constinit const ArchEntry entry_smollm3{.name = "smollm3", .describe = describe};

}  // namespace lf
