// Aquila 1 and 2, after the code published with the models: the Llama block.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"pad_token_id", 0}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_aquila;
constinit const ArchEntry entry_aquila{.name = "aquila", .describe = describe};

}  // namespace lf
