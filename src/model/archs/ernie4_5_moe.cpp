// ERNIE 4.5 MoE: interleaved rotary positions; softmax router with a correction bias; shared experts.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

static MoeSpec read_moe(const Json& config) {
  const int64_t width = int_or(config, "moe_intermediate_size", 1536);
  MoeSpec moe = read_experts(config, width, 64, 6);
  moe.router.in_fp32 = true;
  moe.router.correction_bias = "moe_statics.e_score_correction_bias";
  moe.router.correction_bias_is_row = true;
  moe.router.stored_correction_bias = "^^moe_statics.e_score_correction_bias";
  moe.router.renormalise = true;
  moe.router.norm_floor = number_or(config, "moe_norm_min", 1e-12);
  if (const int64_t shared = int_or(config, "moe_num_shared_experts", 2); shared > 0) {
    moe.shared = MlpSpec{.intermediate_size = width * shared,
                         .activation = moe.experts.activation,
                         .bias = bool_or(config, "use_bias", false)};
  }
  return moe;
}

static ModelSpec describe(const Json& given) {
  const Json config =
      defaulted(given, {{"tie_word_embeddings", true}, {"rms_norm_eps", 1e-5}, {"num_key_value_heads", 4}});
  ModelSpec spec = llama_spec(config);
  spec.ropes = {read_rope(config, spec.max_positions, 500000.0)};
  spec.rope().interleaved = true;
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = bool_or(config, "use_bias", false);
  MoeSpec moe = read_moe(config);
  read_router_loss(config, spec, moe.router.chosen);
  const auto layers = static_cast<int64_t>(spec.layers.size());
  const int64_t first = int_or(config, "moe_layer_start_index", 1), end = int_or(config, "moe_layer_end_index", -1);
  const int64_t last = end == -1 ? layers - 1 : end, step = int_or(config, "moe_layer_interval", 1);
  LF_CHECK(kFormat, step > 0, "config.json: moe_layer_interval must be positive but is {}", step);
  set_experts(spec, moe, [=](int64_t i) { return (i + 1) % step == 0 && i >= first && i <= last; });
  return spec;
}

extern const ArchEntry entry_ernie4_5_moe;
constinit const ArchEntry entry_ernie4_5_moe{.name = "ernie4_5_moe", .describe = describe};

}  // namespace lf
