// XVERSE, after the code published with the models: the Llama block.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"max_position_embeddings", 8192}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_xverse;
constinit const ArchEntry entry_xverse{.name = "xverse", .describe = describe};

}  // namespace lf
