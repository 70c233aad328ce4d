// Nemotron and Minitron: layer norms whose weight is stored less one, squared ReLU, half of each head turns.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"hidden_act", "relu2"}, {"partial_rotary_factor", 0.5}}));
  spec.norm = layer_norm_spec(number_or(config, "norm_eps", 1e-5));
  spec.norm.weight_offset = 1;
  spec.mlp = plain_mlp(spec.mlp.intermediate_size, spec.mlp.activation, spec.mlp.bias, "up_proj", "down_proj");
  return spec;
}

extern const ArchEntry entry_nemotron;
constinit const ArchEntry entry_nemotron{.name = "nemotron", .describe = describe};

}  // namespace lf
