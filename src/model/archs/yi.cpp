// Yi (arXiv 2403.04652) as first published, after the code published with the models: the Llama block.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"rope_theta", 5e6}, {"rms_norm_eps", 1e-5}, {"pad_token_id", 0}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  return spec;
}

extern const ArchEntry entry_yi;
constinit const ArchEntry entry_yi{.name = "Yi", .describe = describe};

}  // namespace lf
