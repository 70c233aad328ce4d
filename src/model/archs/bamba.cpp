// Bamba: Mamba-2 layers, with attention in some.
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  Json given = defaulted(config, {{"rms_norm_eps", 1e-5}, {"pad_token_id", 0}, {"max_position_embeddings", 262144}});
  ModelSpec spec = llama_spec(defaulted(given, {{"num_key_value_heads", 8}, {"partial_rotary_factor", 0.5}}));
  spec.block.mlp = "feed_forward";
  spec.block.mlp_norm = "pre_ff_layernorm";
  spec.names.norm = "final_layernorm";
  const auto mamba = std::make_shared<Mamba2Spec>(
      bamba_mixer(config, int_or(config, "mamba_expand", 2) * spec.hidden_size, spec.norm.eps));
  const std::vector<int64_t> attending = int_list(config, "attn_layer_indices");
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool attends = std::find(attending.begin(), attending.end(), static_cast<int64_t>(i)) != attending.end();
    if (!attends) spec.layers[i].mixer = mamba;
  }
  return spec;
}

extern const ArchEntry entry_bamba;
constinit const ArchEntry entry_bamba{.name = "bamba", .describe = describe};

}  // namespace lf
