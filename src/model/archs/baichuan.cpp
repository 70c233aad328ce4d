// Baichuan 1 and 2 (arXiv 2309.10305), after the code published with the models: 7B with rotary positions, 13B with
// ALiBi; queries, keys and values in one matrix; rows of Baichuan 2's head are divided by their lengths.
#include "base/error.h"
#include "model/arch.h"

namespace lf {

/// Only the configurations of 7B have max_position_embeddings; those of 13B have model_max_length.
static bool has_rotary_positions(const Json& config) { return find_value(config, "max_position_embeddings"); }

/// Baichuan 2 has a larger vocabulary, and z_loss_weight among the keys of its configuration.
static bool is_second(const Json& config) {
  constexpr int64_t kSecondVocabulary = 125696;
  return config.contains("z_loss_weight") || required_int(config, "vocab_size") >= kSecondVocabulary;
}

static ModelSpec describe(const Json& config) {
  LF_CHECK(kUnsupported, number_or(config, "z_loss_weight", 0.0) == 0,
           "config.json: z_loss_weight {} is not available (0, as published)", number_or(config, "z_loss_weight", 0.0));
  ModelSpec spec =
      llama_spec(defaulted(renamed(config, {{"model_max_length", "max_position_embeddings"}}), {{"pad_token_id", 0}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.attention.layout = QkvLayout::kStacked;
  spec.attention.names.fused = "W_pack";
  spec.normalized_head = is_second(config);
  if (has_rotary_positions(config)) return spec;
  spec.ropes.clear();
  spec.attention.alibi = true;
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  return spec;
}

extern const ArchEntry entry_baichuan;
constinit const ArchEntry entry_baichuan{.name = "baichuan", .describe = describe};

}  // namespace lf
