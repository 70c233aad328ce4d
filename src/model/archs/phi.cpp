// Phi 1 to 2: attention and MLP side by side on one layer norm, partial rotary positions, biases everywhere.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"partial_rotary_factor", 0.5}, {"hidden_act", "gelu_new"}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_eps", 1e-5));
  spec.attention.qkv_bias = spec.attention.output_bias = true;
  spec.attention.names.output = "dense";
  if (bool_or(config, "qk_layernorm", false)) {
    spec.attention.qk_norm = QkNorm::kPerHead;
    spec.attention.names.q_norm = "q_layernorm";
    spec.attention.names.k_norm = "k_layernorm";
  }
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, true, "fc1", "fc2");
  spec.block.wiring = Wiring::kParallel;
  spec.block.mlp_norm.clear();
  spec.names.norm = "final_layernorm";
  spec.head_bias = true;
  return spec;
}

extern const ArchEntry entry_phi;
constinit const ArchEntry entry_phi{.name = "phi", .describe = describe};

}  // namespace lf
