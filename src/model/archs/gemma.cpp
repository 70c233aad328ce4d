// Gemma: norms store their weight less one, embeddings are scaled by sqrt(hidden_size), GELU in the MLP.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec =
      llama_spec(defaulted(config, {{"tie_word_embeddings", true}, {"pad_token_id", 0}, {"head_dim", 256}}));
  spec.norm.weight_offset = 1;
  spec.norm.fp32_weight = true;
  spec.embedding_multiplier = std::sqrt(static_cast<double>(spec.hidden_size));
  spec.embedding_multiplier_rounded = true;
  // Gemma was published with hidden_act "gelu" and means the tanh approximation.
  const std::string activation = string_or(config, "hidden_activation", string_or(config, "hidden_act", "gelu"));
  spec.mlp.activation = activation == "gelu" ? Activation::kGeluTanh : activation_named(activation);
  spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_gemma;
constinit const ArchEntry entry_gemma{.name = "gemma", .describe = describe};

}  // namespace lf
