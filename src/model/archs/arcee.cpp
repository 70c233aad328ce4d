// AFM 4.5B: the Llama block with a plain MLP of squared ReLU.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"hidden_act", "relu2"}, {"rms_norm_eps", 1e-5}}));
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, spec.mlp.bias, "up_proj", "down_proj");
  return spec;
}

extern const ArchEntry entry_arcee;
constinit const ArchEntry entry_arcee{.name = "arcee", .describe = describe};

}  // namespace lf
