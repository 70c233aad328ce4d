// Reading config.json into a ModelSpec: the parts that many families share.
#include "model/arch.h"

#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"

namespace lf {

void read_qwen_windows(const Json& config, ModelSpec& spec) {
  const bool used = bool_or(config, "use_sliding_window", false) &&
                    !(config.contains("sliding_window") && config.at("sliding_window").is_null());
  if (!used) return;
  const int64_t window = int_or(config, "sliding_window", 4096), first = int_or(config, "max_window_layers", 28);
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool sliding = types.empty() ? static_cast<int64_t>(i) >= first : types[i] == "sliding_attention";
    if (sliding) spec.layers[i].window = window;
  }
}

void set_sliding_layers(const Json& config, ModelSpec& spec, int64_t window) {
  const std::vector<std::string> types = layer_strings(config, "layer_types", spec.layers.size());
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i] == "sliding_attention") spec.layers[i].window = window;
  }
}

void set_granite_multipliers(const Json& config, ModelSpec& spec) {
  spec.embedding_multiplier = number_or(config, "embedding_multiplier", 1.0);
  spec.attention.scale = number_or(config, "attention_multiplier", 1.0);
  spec.block.residual_multiplier = number_or(config, "residual_multiplier", 1.0);
  const double scaling = number_or(config, "logits_scaling", 1.0);
  LF_CHECK(kFormat, scaling != 0, "config.json: logits_scaling must not be 0");
  spec.logit_multiplier = 1.0 / scaling;
}

void set_minicpm_multipliers(const Json& config, ModelSpec& spec) {
  const double base = number_or(config, "dim_model_base", 1.0);
  LF_CHECK(kFormat, base > 0, "config.json: dim_model_base must be positive but is {}", base);
  spec.embedding_multiplier = number_or(config, "scale_emb", 1.0);
  spec.block.residual_multiplier =
      number_or(config, "scale_depth", 1.0) / std::sqrt(static_cast<double>(spec.layers.size()));
  spec.logit_multiplier = base / static_cast<double>(spec.hidden_size);
}

void ignore_prediction_layers(const Json& config, ModelSpec& spec) {
  for (int64_t i = 0; i < int_or(config, "num_nextn_predict_layers", 0); ++i) {
    const auto layer = static_cast<int64_t>(spec.layers.size()) + i;
    spec.unused_tensors.push_back(fmt::format("{}.{}.{}.", spec.names.base, spec.names.layers, layer));
  }
}

NormSpec layer_norm_spec(double eps) { return {.kind = NormKind::kLayer, .eps = eps, .bias = true}; }

MlpSpec plain_mlp(int64_t intermediate_size, Activation activation, bool bias, std::string up, std::string down) {
  MlpSpec mlp;
  mlp.intermediate_size = intermediate_size;
  mlp.activation = activation;
  mlp.gated = false;
  mlp.bias = bias;
  mlp.names.up = std::move(up);
  mlp.names.down = std::move(down);
  return mlp;
}

ModelSpec llama_spec(const Json& config) {
  ModelSpec spec;
  spec.model_type = string_or(config, "model_type", "");
  spec.vocab_size = required_int(config, "vocab_size");
  spec.hidden_size = required_int(config, "hidden_size");
  spec.max_positions = int_or(config, "max_position_embeddings", 2048);
  spec.initializer_range = number_or(config, "initializer_range", 0.02);
  spec.tied_embeddings = bool_or(config, "tie_word_embeddings", false);
  spec.norm.eps = number_or(config, "rms_norm_eps", 1e-6);
  if (find_value(config, "pad_token_id")) {
    const int64_t id = int_or(config, "pad_token_id", 0);
    spec.pad_token = id < 0 ? id + spec.vocab_size : id;
  }
  spec.mlp.intermediate_size = required_int(config, "intermediate_size");
  spec.mlp.activation = activation_named(string_or(config, "hidden_act", "silu"));
  spec.mlp.bias = bool_or(config, "mlp_bias", false);
  AttentionSpec& attention = spec.attention;
  attention.heads = required_int(config, "num_attention_heads");
  LF_CHECK(kFormat, attention.heads > 0, "config.json: num_attention_heads must be positive but is {}",
           attention.heads);
  attention.kv_heads = int_or(config, "num_key_value_heads", attention.heads);
  attention.head_dim = int_or(config, "head_dim", spec.hidden_size / attention.heads);
  attention.qkv_bias = attention.output_bias = bool_or(config, "attention_bias", false);
  attention.dropout = number_or(config, "attention_dropout", 0.0);
  const int64_t layers = required_int(config, "num_hidden_layers");
  LF_CHECK(kFormat, layers > 0 && layers <= 4096, "config.json: num_hidden_layers is {}", layers);
  spec.layers.resize(static_cast<size_t>(layers));
  spec.ropes = {read_rope(config, spec.max_positions)};
  return spec;
}

ModelSpec describe_model(const Json& config) {
  LF_CHECK(kFormat, config.is_object() && find_value(config, "model_type"),
           "config.json has no model_type; it does not describe a model");
  const ArchEntry& entry = require_entry(all_archs(), string_or(config, "model_type", ""), "model_type");
  ModelSpec spec = entry.describe(config);
  spec.validate();
  return spec;
}

}  // namespace lf
