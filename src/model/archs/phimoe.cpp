// Phi-3.5-MoE (arXiv 2404.14219): layer norms, longrope, biases, and experts chosen by SparseMixer.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

/// Cosines and sines are multiplied by short_mscale or long_mscale, as the sequence is short or long.
static RopeSpec read_positions(const Json& config, int64_t max_positions) {
  RopeSpec rope = read_rope(config, max_positions, 1e6);
  if (rope.scaling == RopeScaling::kNone) return rope;
  const Json* legacy = find_value(config, "rope_scaling");
  const Json given = legacy ? *legacy : config.at("rope_parameters");
  const double of_short = number_or(given, "short_mscale", 1.0), of_long = number_or(given, "long_mscale", of_short);
  LF_CHECK(kUnsupported, of_short == of_long,
           "config.json: short_mscale ({}) and long_mscale ({}) that differ are not available", of_short, of_long);
  rope.attention_factor = of_short;
  return rope;
}

static ModelSpec describe(const Json& given) {
  const Json config = defaulted(given, {{"rms_norm_eps", 1e-5}, {"num_key_value_heads", 8}});
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_positions(config, spec.max_positions)};
  spec.norm.kind = NormKind::kLayer;
  spec.norm.bias = true;
  spec.head_bias = bool_or(config, "lm_head_bias", false);
  spec.mlp.bias = false;
  MoeSpec moe = read_experts(config, spec.mlp.intermediate_size, 16, 2);
  use_mixtral_names(moe);
  moe.router.rule = RouterRule::kSparseMixer;
  moe.router.name = "router";
  moe.router.mixer_epsilon = number_or(config, "router_jitter_noise", 0.01);
  moe.jitter = number_or(config, "input_jitter_noise", 0.0);
  moe.jitter_times = 2;
  read_router_loss(config, spec, moe.router.chosen);
  set_experts(spec, moe, [](int64_t) { return true; });
  for (LayerSpec& layer : spec.layers) layer.window = int_or(config, "sliding_window", 0);
  return spec;
}

extern const ArchEntry entry_phimoe;
constinit const ArchEntry entry_phimoe{.name = "phimoe", .describe = describe};

}  // namespace lf
