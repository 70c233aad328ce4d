#include "model/hybrid_config.h"

#include "base/error.h"
#include "layers/mixers/short_conv_mixer.h"
#include "layers/single_part_block.h"

namespace lf {

int64_t auto_or_int(const Json& config, std::string_view key, int64_t automatic) {
  const Json* value = find_value(config, key);
  return !value || *value == "auto" ? automatic : required_int(config, key);
}

std::pair<double, double> step_limits(const Json& config, std::string_view key) {
  const Json* value = find_value(config, key);
  if (!value) return {0.0, std::numeric_limits<double>::infinity()};
  auto number = [&](const Json& item) {
    // JSON has no infinity: transformers writes Infinity or {"__float__": "Infinity"}.
    if (item.is_object() && item.contains("__float__")) return std::numeric_limits<double>::infinity();
    if (item.is_string() && item == "Infinity") return std::numeric_limits<double>::infinity();
    LF_CHECK(kFormat, item.is_number(), "config.json: '{}' must be two numbers", key);
    return item.get<double>();
  };
  LF_CHECK(kFormat, value->is_array() && value->size() == 2, "config.json: '{}' must be two numbers", key);
  return {number((*value)[0]), number((*value)[1])};
}

Mamba2Spec bamba_mixer(const Json& config, int64_t inner, double norm_eps) {
  Mamba2Spec mixer;
  mixer.heads = int_or(config, "mamba_n_heads", 128);
  LF_CHECK(kFormat, mixer.heads > 0 && inner % mixer.heads == 0,
           "config.json: mamba_n_heads ({}) must divide the width of the Mamba layers ({})", mixer.heads, inner);
  mixer.head_dim = auto_or_int(config, "mamba_d_head", inner / mixer.heads);
  LF_CHECK(kFormat, mixer.inner() == inner,
           "config.json: mamba_n_heads ({}) times mamba_d_head ({}) must be the width of the Mamba layers ({})",
           mixer.heads, mixer.head_dim, inner);
  mixer.groups = int_or(config, "mamba_n_groups", 1);
  mixer.state = int_or(config, "mamba_d_state", 256);
  mixer.conv_width = int_or(config, "mamba_d_conv", 4);
  mixer.conv_bias = bool_or(config, "mamba_conv_bias", true);
  mixer.in_bias = mixer.out_bias = bool_or(config, "mamba_proj_bias", false);
  mixer.norm = GatedNormSpec{.eps = norm_eps};
  std::tie(mixer.least_step, mixer.most_step) = step_limits(config, "time_step_limit");
  mixer.unit_step_bias = true;
  return mixer;
}

GatedDeltaSpec qwen_delta_mixer(const Json& config, double norm_eps, GatedDeltaSpec::Layout layout) {
  GatedDeltaSpec mixer;
  mixer.key_heads = int_or(config, "linear_num_key_heads", 16);
  mixer.value_heads = int_or(config, "linear_num_value_heads", 32);
  mixer.key_dim = int_or(config, "linear_key_head_dim", 128);
  mixer.value_dim = int_or(config, "linear_value_head_dim", 128);
  mixer.conv_width = int_or(config, "linear_conv_kernel_dim", 4);
  mixer.norm_eps = norm_eps;
  mixer.layout = layout;
  return mixer;
}

ModelSpec qwen_hybrid_spec(const Json& config, GatedDeltaSpec::Layout layout) {
  ModelSpec spec = llama_spec(
      defaulted(config, {{"head_dim", 256}, {"partial_rotary_factor", 0.25}, {"max_position_embeddings", 32768}}));
  LF_CHECK(kUnsupported, spec.mlp.activation == Activation::kSilu,
           "config.json: hidden_act must be silu in a '{}' model", spec.model_type);
  spec.mlp.bias = false;
  spec.unused_tensors = {"mtp."};  // multi-token prediction
  const double eps = spec.norm.eps;
  spec.norm.weight_offset = 1;
  spec.norm.fp32_weight = true;
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.attention.output_gate = true;
  const auto delta = std::make_shared<GatedDeltaSpec>(qwen_delta_mixer(config, eps, layout));
  const auto period = static_cast<size_t>(std::max<int64_t>(int_or(config, "full_attention_interval", 4), 1));
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool linear = types.empty() ? (i + 1) % period != 0 : types[i] == "linear_attention";
    if (linear) spec.layers[i].mixer = delta;
  }
  return spec;
}

ModelSpec lfm2_spec(const Json& config) {
  Json given = renamed(config, {{"block_ff_dim", "intermediate_size"}, {"tie_embedding", "tie_word_embeddings"}});
  given["rms_norm_eps"] = number_or(config, "norm_eps", 1e-5);
  ModelSpec spec = llama_spec(defaulted(given, {{"tie_word_embeddings", true},
                                                {"pad_token_id", 0},
                                                {"num_key_value_heads", 8},
                                                {"rope_theta", 1e6},
                                                {"max_position_embeddings", 128000}}));
  spec.attention.qkv_bias = spec.attention.output_bias = spec.mlp.bias = false;
  spec.attention.dropout = 0;
  spec.attention.qk_norm = QkNorm::kPerHead;
  spec.attention.names.output = "out_proj";
  spec.attention.names.q_norm = "q_layernorm";
  spec.attention.names.k_norm = "k_layernorm";
  spec.mlp.activation = Activation::kSilu;
  spec.mlp.names = {.gate = "w1", .up = "w3", .down = "w2"};
  spec.block.mlp = "feed_forward";
  spec.block.attention_norm = "operator_norm";
  spec.block.mlp_norm = "ffn_norm";
  spec.names.norm = "embedding_norm";
  ShortConvSpec conv;
  conv.width = int_or(config, "conv_L_cache", 3);
  conv.bias = bool_or(config, "conv_bias", false);
  const auto shared = std::make_shared<ShortConvSpec>(conv);
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  const std::vector<int64_t> attending = int_list(config, "full_attn_idxs");
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool listed = find_value(config, "full_attn_idxs") == nullptr ||
                        std::find(attending.begin(), attending.end(), static_cast<int64_t>(i)) != attending.end();
    if (types.empty() ? !listed : types[i] != "full_attention") spec.layers[i].mixer = shared;
  }
  return spec;
}

ModelSpec backbone_spec(const Json& config) {
  ModelSpec spec;
  spec.model_type = string_or(config, "model_type", "");
  spec.vocab_size = required_int(config, "vocab_size");
  spec.hidden_size = required_int(config, "hidden_size");
  spec.initializer_range = number_or(config, "initializer_range", 0.1);
  spec.norm.eps = number_or(config, "layer_norm_epsilon", 1e-5);
  spec.names = {.base = "backbone", .embedding = "embeddings", .norm = "norm_f"};
  const int64_t layers = required_int(config, "num_hidden_layers");
  LF_CHECK(kFormat, layers > 0 && layers <= 4096, "config.json: num_hidden_layers is {}", layers);
  spec.layers.resize(static_cast<size_t>(layers));
  for (LayerSpec& layer : spec.layers) layer.rope = -1;
  const std::string activation = string_or(config, "hidden_act", "silu");
  LF_CHECK(kUnsupported, activation == "silu" || activation == "swish",
           "config.json: hidden_act must be silu in a '{}' model", spec.model_type);
  return spec;
}

ModelSpec mamba_spec(const Json& config, MambaSpec::InnerNorm inner_norm) {
  ModelSpec spec = backbone_spec(config);
  spec.tied_embeddings = bool_or(config, "tie_word_embeddings", true);
  MambaSpec mixer;
  mixer.inner = int_or(config, "intermediate_size", int_or(config, "expand", 2) * spec.hidden_size);
  mixer.state = int_or(config, "state_size", 16);
  mixer.step_rank = auto_or_int(config, "time_step_rank", (spec.hidden_size + 15) / 16);
  mixer.conv_width = int_or(config, "conv_kernel", 4);
  mixer.conv_bias = bool_or(config, "use_conv_bias", true);
  mixer.bias = bool_or(config, "use_bias", false);
  mixer.inner_norm = inner_norm;
  mixer.inner_norm_eps = number_or(config, "mixer_rms_eps", 1e-6);
  mixer.initial_steps = StepRange{.least = number_or(config, "time_step_min", 0.001),
                                  .most = number_or(config, "time_step_max", 0.1),
                                  .floor = number_or(config, "time_step_floor", 1e-4)};
  mixer.validate();
  const bool wide = bool_or(config, "residual_in_fp32", true);
  for (LayerSpec& layer : spec.layers) {
    layer.mixer = std::make_shared<MambaSpec>(mixer);
    layer.build = [wide, mixer](const ModelSpec& model, const LayerPlace& place) -> std::unique_ptr<DecoderLayer> {
      return std::make_unique<SinglePartBlock>(SinglePartBlock::Options{model.norm, model.hidden_size, wide},
                                               mixer.build(place), nullptr);
    };
  }
  return spec;
}

}  // namespace lf
