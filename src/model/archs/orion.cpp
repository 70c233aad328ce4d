// Orion 14B (arXiv 2401.12246), after the code published with the model: the Llama block with layer norms.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"rms_norm_eps", 1e-5}}));
  spec.norm = layer_norm_spec(spec.norm.eps);
  spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_orion;
constinit const ArchEntry entry_orion{.name = "orion", .describe = describe};

}  // namespace lf
