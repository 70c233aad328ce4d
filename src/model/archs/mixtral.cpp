// Mixtral: Mistral's block with experts in every layer.
#include "model/moe_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(defaulted(config, {{"num_key_value_heads", 8}, {"rms_norm_eps", 1e-5}}));
  spec.ropes = {read_rope(config, spec.max_positions, 1e6)};
  spec.attention.qkv_bias = spec.attention.output_bias = false;
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 8, 2);
  moe.router.renormalise = true;
  moe.jitter = number_or(config, "router_jitter_noise", 0.0);
  use_mixtral_names(moe);
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, [](int64_t) { return true; });
  for (LayerSpec& layer : spec.layers) layer.window = int_or(config, "sliding_window", 0);
  return spec;
}

extern const ArchEntry entry_mixtral;
constinit const ArchEntry entry_mixtral{.name = "mixtral", .describe = describe};

}  // namespace lf
