// Index-1.9B, after the code published with the model: the Llama block, rows of the head divided by their lengths.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.rope().theta *= number_or(config, "rope_ratio", 1.0);
  const Json* norm_head = find_value(config, "norm_head");  // 1 or true
  spec.normalized_head =
      norm_head && (norm_head->is_boolean() ? norm_head->get<bool>() : int_or(config, "norm_head", 0) != 0);
  return spec;
}

extern const ArchEntry entry_index;
constinit const ArchEntry entry_index{.name = "index", .describe = describe};

}  // namespace lf
