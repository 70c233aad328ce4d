// Qwen3 (dense): the Llama block with per-head query and key norms.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.attention.head_dim = int_or(config, "head_dim", 128);
  spec.mlp.bias = false;
  read_qwen_windows(config, spec);
  return spec;
}

extern const ArchEntry entry_qwen3;
constinit const ArchEntry entry_qwen3{.name = "qwen3", .describe = describe};

}  // namespace lf
