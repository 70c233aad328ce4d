// MiMo-V2-Flash (arXiv 2601.02780), after the code published with the model: layers that see everything and layers with
// a window, sinks and heads of their own; values narrower than keys; DeepSeek-V3's router without shared experts.
#include "base/error.h"
#include "model/moe_config.h"

namespace lf {

/// Heads of layers that see everything (`prefix` "") and of those with a window ("swa_").
static AttentionSpec read_heads(const Json& config, const AttentionSpec& base, const std::string& prefix, bool sinks) {
  AttentionSpec attention = base;
  attention.heads = int_or(config, prefix + "num_attention_heads", base.heads);
  attention.kv_heads = int_or(config, prefix + "num_key_value_heads", base.kv_heads);
  attention.head_dim = int_or(config, prefix + "head_dim", base.head_dim);
  attention.value_dim = int_or(config, prefix + "v_head_dim", int_or(config, "v_head_dim", attention.head_dim));
  attention.sinks = sinks;
  attention.names.sinks = "attention_sink_bias";
  return attention;
}

/// 1 = with a window, for each layer.
static std::vector<int64_t> window_pattern(const Json& config, size_t layers) {
  std::vector<int64_t> pattern = int_list(config, "hybrid_layer_pattern");
  const int64_t block = int_or(config, "hybrid_block_size", 0);
  LF_CHECK(kFormat, !pattern.empty() || block > 0, "config.json: hybrid_layer_pattern or hybrid_block_size is needed");
  for (size_t i = 0; pattern.size() < layers && block > 0; ++i) {
    pattern.push_back((static_cast<int64_t>(i) + 1) % block != 0);
  }
  LF_CHECK(kFormat, pattern.size() == layers, "config.json: hybrid_layer_pattern must name all {} layers but names {}",
           layers, pattern.size());
  return pattern;
}

static void set_windows(const Json& config, ModelSpec& spec) {
  const std::vector<int64_t> pattern = window_pattern(config, spec.layers.size());
  // sliding_window_size counts the tokens before a token, sliding_window the token itself, too.
  const auto before = optional_int(config, "sliding_window_size");
  const int64_t window = before ? *before + 1 : int_or(config, "sliding_window", 129);
  const AttentionSpec near =
      read_heads(config, spec.attention, "swa_", bool_or(config, "add_swa_attention_sink_bias", false));
  spec.attention = read_heads(config, spec.attention, "", bool_or(config, "add_full_attention_sink_bias", false));
  RopeSpec local = spec.rope();
  local.theta = number_or(config, "swa_rope_theta", local.theta);
  for (RopeSpec* rope : {&spec.rope(), &local}) {
    const int64_t head_dim = rope == &local ? near.head_dim : spec.attention.head_dim;
    const auto width = static_cast<int64_t>(static_cast<double>(head_dim) * rope->rotated_fraction);
    rope->width = width - width % 2;
  }
  spec.ropes.push_back(local);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (pattern[i] == 0) continue;
    spec.layers[i].window = window;
    spec.layers[i].rope = 1;
    spec.layers[i].attention = near;
  }
}

static void set_mixtures(const Json& config, ModelSpec& spec) {
  if (!find_value(config, "n_routed_experts")) return;
  const std::string scoring = string_or(config, "scoring_func", "sigmoid");
  LF_CHECK(kUnsupported, scoring == "sigmoid", "config.json: scoring_func '{}' is not available (sigmoid)", scoring);
  MoeSpec moe = read_deepseek_v3_experts(config, 256, 8);
  if (!find_value(config, "n_shared_experts")) moe.shared.reset();
  const std::vector<int64_t> sparse = int_list(config, "moe_layer_freq");  // 1 = a mixture, for each layer
  LF_CHECK(kFormat, sparse.size() == spec.layers.size(), "config.json: moe_layer_freq must name all {} layers",
           spec.layers.size());
  set_experts(spec, moe, [&](int64_t layer) { return sparse[static_cast<size_t>(layer)] != 0; });
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(
      defaulted(renamed(config, {{"layernorm_epsilon", "rms_norm_eps"}}), {{"max_position_embeddings", 32768}}));
  spec.attention.output_bias = spec.mlp.bias = false;
  spec.attention.value_multiplier = number_or(config, "attention_value_scale", 1.0);
  set_windows(config, spec);
  set_mixtures(config, spec);
  spec.unused_tensors.push_back("model.mtp.");  // layers that predict more than one token
  return spec;
}

extern const ArchEntry entry_mimo_v2_flash;
constinit const ArchEntry entry_mimo_v2_flash{.name = "mimo_v2_flash", .describe = describe};

}  // namespace lf
