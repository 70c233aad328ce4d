// Reading config.json into a ModelSpec: typed look-ups, and the parts that many families share.
#include "model/arch.h"

#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"

namespace lf {

namespace {
const Json* find(const Json& config, std::string_view key) {
  auto it = config.find(std::string(key));
  return it == config.end() || it->is_null() ? nullptr : &*it;
}

[[noreturn]] void wrong_type(std::string_view key, std::string_view wanted, const Json& value) {
  throw_error(ErrorKind::kFormat, "config.json: '{}' must be {} but is {}", key, wanted, printable(value.dump()));
}

int64_t as_int(std::string_view key, const Json& value) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (value.is_number_float() && value.get<double>() == std::floor(value.get<double>()) &&
      std::abs(value.get<double>()) < 9e15) {
    return static_cast<int64_t>(value.get<double>());
  }
  wrong_type(key, "an integer", value);
}

Activation read_activation(const Json& config) {
  const std::string name = string_or(config, "hidden_act", "silu");
  if (name == "silu" || name == "swish") return Activation::kSilu;
  if (name == "gelu") return Activation::kGelu;
  if (name == "gelu_pytorch_tanh" || name == "gelu_new") return Activation::kGeluTanh;
  if (name == "relu") return Activation::kRelu;
  throw_error(ErrorKind::kUnsupported,
              "config.json: hidden_act '{}' is not available (silu, gelu, gelu_pytorch_tanh, relu)", printable(name));
}

RopeScaling read_scaling(const std::string& type) {
  if (type == "default") return RopeScaling::kNone;
  if (type == "linear") return RopeScaling::kLinear;
  if (type == "dynamic") return RopeScaling::kDynamic;
  if (type == "yarn") return RopeScaling::kYarn;
  if (type == "llama3") return RopeScaling::kLlama3;
  throw_error(ErrorKind::kUnsupported,
              "config.json: rope type '{}' is not available (default, linear, dynamic, yarn, llama3){}",
              printable(type), did_you_mean(type, {"default", "linear", "dynamic", "yarn", "llama3"}));
}

std::optional<double> optional_number(const Json& object, std::string_view key) {
  return find(object, key) ? std::optional<double>(number_or(object, key, 0)) : std::nullopt;
}
}  // namespace

int64_t required_int(const Json& config, std::string_view key) {
  const Json* value = find(config, key);
  LF_CHECK(kFormat, value, "config.json: '{}' is missing (model_type '{}')", key,
           printable(string_or(config, "model_type", "?")));
  return as_int(key, *value);
}

int64_t int_or(const Json& config, std::string_view key, int64_t fallback) {
  const Json* value = find(config, key);
  return value ? as_int(key, *value) : fallback;
}

double number_or(const Json& config, std::string_view key, double fallback) {
  const Json* value = find(config, key);
  if (!value) return fallback;
  if (!value->is_number()) wrong_type(key, "a number", *value);
  return value->get<double>();
}

bool bool_or(const Json& config, std::string_view key, bool fallback) {
  const Json* value = find(config, key);
  if (!value) return fallback;
  if (!value->is_boolean()) wrong_type(key, "true or false", *value);
  return value->get<bool>();
}

std::string string_or(const Json& config, std::string_view key, std::string_view fallback) {
  const Json* value = find(config, key);
  if (!value) return std::string(fallback);
  if (!value->is_string()) wrong_type(key, "a string", *value);
  return value->get<std::string>();
}

RopeSpec read_rope(const Json& config, int64_t max_positions, double default_theta) {
  static const Json kNothing = Json::object();
  const Json* legacy = find(config, "rope_scaling");
  const Json* current = find(config, "rope_parameters");
  const Json& given = legacy && !legacy->empty() ? *legacy : current ? *current : kNothing;
  if (!given.is_object()) wrong_type("rope_parameters", "an object", given);
  for (const auto& [key, value] : given.items()) {
    LF_CHECK(kUnsupported, !value.is_object(),
             "config.json: rope parameters per layer type ('{}') are not available for '{}'", printable(key),
             printable(string_or(config, "model_type", "?")));
  }
  RopeSpec rope;
  rope.theta = number_or(given, "rope_theta", number_or(config, "rope_theta", default_theta));
  rope.scaling = read_scaling(string_or(given, "rope_type", string_or(given, "type", "default")));
  rope.max_positions = max_positions;
  rope.original_max_positions = int_or(config, "original_max_position_embeddings",
                                       int_or(given, "original_max_position_embeddings", max_positions));
  const double implied = rope.original_max_positions > 0
                             ? static_cast<double>(max_positions) / static_cast<double>(rope.original_max_positions)
                             : 1.0;
  const bool factor_needed = rope.scaling != RopeScaling::kNone && rope.scaling != RopeScaling::kYarn;
  LF_CHECK(kFormat, !factor_needed || find(given, "factor"), "config.json: rope scaling needs a 'factor'");
  rope.factor = number_or(given, "factor", rope.scaling == RopeScaling::kYarn ? implied : 1.0);
  const double fast = number_or(given, "beta_fast", 0), slow = number_or(given, "beta_slow", 0);
  if (fast != 0) rope.beta_fast = fast;
  if (slow != 0) rope.beta_slow = slow;
  rope.attention_factor = optional_number(given, "attention_factor");
  rope.mscale = optional_number(given, "mscale");
  rope.mscale_all_dim = optional_number(given, "mscale_all_dim");
  rope.truncate = bool_or(given, "truncate", true);
  if (rope.scaling == RopeScaling::kLlama3) {
    LF_CHECK(kFormat, find(given, "low_freq_factor") && find(given, "high_freq_factor"),
             "config.json: llama3 rope scaling needs 'low_freq_factor' and 'high_freq_factor'");
    rope.low_freq_factor = number_or(given, "low_freq_factor", 1.0);
    rope.high_freq_factor = number_or(given, "high_freq_factor", 4.0);
  }
  const double rotated = number_or(given, "partial_rotary_factor", number_or(config, "partial_rotary_factor", 1.0));
  LF_CHECK(kUnsupported, rotated == 1.0, "config.json: partial_rotary_factor {} is not available for this architecture",
           rotated);
  return rope;
}

void read_qwen_windows(const Json& config, ModelSpec& spec) {
  const bool used = bool_or(config, "use_sliding_window", false) &&
                    !(config.contains("sliding_window") && config.at("sliding_window").is_null());
  if (!used) return;
  const int64_t window = int_or(config, "sliding_window", 4096), first = int_or(config, "max_window_layers", 28);
  const Json* types = find(config, "layer_types");
  LF_CHECK(kFormat, !types || (types->is_array() && types->size() == spec.layers.size()),
           "config.json: layer_types must name all {} layers", spec.layers.size());
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const bool sliding = types ? (*types)[i] == "sliding_attention" : static_cast<int64_t>(i) >= first;
    if (sliding) spec.layers[i].window = window;
  }
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
  if (const Json* pad = find(config, "pad_token_id")) {
    const int64_t id = as_int("pad_token_id", *pad);
    spec.pad_token = id < 0 ? id + spec.vocab_size : id;
  }
  spec.mlp.intermediate_size = required_int(config, "intermediate_size");
  spec.mlp.activation = read_activation(config);
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
  spec.rope = read_rope(config, spec.max_positions);
  return spec;
}

ModelSpec describe_model(const Json& config) {
  LF_CHECK(kFormat, config.is_object() && find(config, "model_type"),
           "config.json has no model_type; it does not describe a model");
  const ArchEntry& entry = require_entry(all_archs(), string_or(config, "model_type", ""), "model_type");
  ModelSpec spec = entry.describe(config);
  spec.validate();
  return spec;
}

}  // namespace lf
