// InternLM 3, after the code published with the model: the Llama block with biases by part.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"max_position_embeddings", 32768}}));
  spec.attention.qkv_bias = bool_or(config, "qkv_bias", false);
  spec.attention.output_bias = spec.mlp.bias = bool_or(config, "bias", false);
  return spec;
}

extern const ArchEntry entry_internlm3;
constinit const ArchEntry entry_internlm3{.name = "internlm3", .describe = describe};

}  // namespace lf
