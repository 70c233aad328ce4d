// StableLM 2: layer norms, partial rotary positions, attention and MLP in turn or side by side.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"partial_rotary_factor", 0.25}, {"max_position_embeddings", 4096}}));
  spec.norm = layer_norm_spec(number_or(config, "layer_norm_eps", 1e-5));
  spec.attention.qkv_bias = bool_or(config, "use_qkv_bias", false);
  spec.attention.output_bias = spec.mlp.bias = false;
  if (bool_or(config, "qk_layernorm", false)) {
    spec.attention.qk_norm = QkNorm::kNormOfEachHead;
    spec.attention.qk_norm_spec = NormSpec{.kind = NormKind::kLayer, .eps = spec.norm.eps};
    spec.attention.names.q_norm = "q_layernorm";
    spec.attention.names.k_norm = "k_layernorm";
  }
  if (bool_or(config, "use_parallel_residual", false)) {
    spec.block.wiring = Wiring::kParallel;
    spec.block.mlp_norm.clear();
  }
  return spec;
}

extern const ArchEntry entry_stablelm;
constinit const ArchEntry entry_stablelm{.name = "stablelm", .describe = describe};

}  // namespace lf
