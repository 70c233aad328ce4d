// Qwen2 and Qwen2.5: the Llama block with biases on q, k, v and, in some layers, a sliding window.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qkv_bias = true;
  spec.attention.output_bias = spec.mlp.bias = false;
  read_qwen_windows(config, spec);
  return spec;
}

extern const ArchEntry entry_qwen2;
constinit const ArchEntry entry_qwen2{.name = "qwen2", .describe = describe};

}  // namespace lf
