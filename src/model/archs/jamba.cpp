// Jamba (arXiv 2403.19887): Mamba layers, attention without positions in some, mixtures of experts in some.
#include "base/error.h"
#include "model/hybrid_config.h"
#include "model/moe_config.h"

namespace lf {

static MambaSpec mamba_of(const Json& config, const ModelSpec& spec) {
  MambaSpec mamba;
  mamba.inner = int_or(config, "mamba_expand", 2) * spec.hidden_size;
  mamba.state = int_or(config, "mamba_d_state", 16);
  mamba.step_rank = auto_or_int(config, "mamba_dt_rank", (spec.hidden_size + 15) / 16);
  mamba.conv_width = int_or(config, "mamba_d_conv", 4);
  mamba.conv_bias = bool_or(config, "mamba_conv_bias", true);
  mamba.bias = bool_or(config, "mamba_proj_bias", false);
  mamba.inner_norm = MambaSpec::InnerNorm::kLearned;
  mamba.inner_norm_eps = spec.norm.eps;
  return mamba;
}

static MoeSpec experts_of(const Json& config, const ModelSpec& spec) {
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 16, 2);
  moe.router.name = "router";
  moe.router.form = RouterForm::kCalledLinear;
  moe.router.round_weights = true;
  return moe;
}

/// Whether layer i is one of every `period`, counted from `offset`.
static bool recurs(size_t i, int64_t period, int64_t offset, const char* what) {
  LF_CHECK(kFormat, offset >= 0 && offset < period,
           "config.json: {}_layer_offset ({}) must be below {}_layer_period ({})", what, offset, what, period);
  return static_cast<int64_t>(i) % period == offset;
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(
      defaulted(config, {{"pad_token_id", 0}, {"num_key_value_heads", 8}, {"max_position_embeddings", 262144}}));
  spec.ropes.clear();
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.block.mlp = "feed_forward";
  spec.block.mlp_norm = "pre_ff_layernorm";
  spec.names.norm = "final_layernorm";
  const auto mamba = std::make_shared<MambaSpec>(mamba_of(config, spec));
  const auto experts = std::make_shared<MoeSpec>(experts_of(config, spec));
  read_router_loss(config, spec, experts->router.chosen);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LayerSpec& layer = spec.layers[i];
    layer.rope = -1;
    if (!recurs(i, int_or(config, "attn_layer_period", 8), int_or(config, "attn_layer_offset", 4), "attn")) {
      layer.mixer = mamba;
    }
    const bool sparse =
        recurs(i, int_or(config, "expert_layer_period", 2), int_or(config, "expert_layer_offset", 1), "expert");
    if (sparse && experts->experts.count > 1) layer.feed_forward = experts;
  }
  return spec;
}

extern const ArchEntry entry_jamba;
constinit const ArchEntry entry_jamba{.name = "jamba", .describe = describe};

}  // namespace lf
