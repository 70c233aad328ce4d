// gpt-oss: attention with sinks and alternating windows; experts with biases and a clamped gate.
#include "model/moe_config.h"

namespace lf {

static MoeSpec read_moe(const Json& config, int64_t width) {
  MoeSpec moe = read_experts(config, width, 128, 4);
  moe.router.rule = RouterRule::kChosenSoftmax;
  moe.router.name = "router";
  moe.router.bias = true;
  moe.router.round_weights = true;
  moe.experts.clamped = moe.experts.transposed = moe.experts.bias = true;
  moe.experts.limit = number_or(config, "swiglu_limit", 7.0);
  moe.experts.stored = StoredExperts::kStacked;
  return moe;
}

static ModelSpec describe(const Json& given) {
  const Json yarn = {{"rope_type", "yarn"},   {"factor", 32.0},    {"beta_fast", 32.0},
                     {"beta_slow", 1.0},      {"truncate", false}, {"original_max_position_embeddings", 4096},
                     {"rope_theta", 150000.0}};
  Json config = defaulted(
      given, {{"head_dim", 64}, {"num_key_value_heads", 8}, {"rms_norm_eps", 1e-5}, {"attention_bias", true}});
  if (!find_value(config, "rope_scaling")) config = defaulted(config, {{"rope_parameters", yarn}});
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_rope(config, spec.max_positions, 150000.0)};
  spec.attention.sinks = true;
  MoeSpec moe = read_moe(config, spec.mlp.intermediate_size);
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, [](int64_t) { return true; });
  const int64_t window = int_or(config, "sliding_window", 128);
  if (find_value(config, "layer_types")) {
    set_sliding_layers(config, spec, window);
  } else {
    for (size_t i = 0; i < spec.layers.size(); i += 2) spec.layers[i].window = window;
  }
  return spec;
}

extern const ArchEntry entry_gpt_oss;
constinit const ArchEntry entry_gpt_oss{.name = "gpt_oss", .describe = describe};

}  // namespace lf
