// Rotary positions as config.json tells them.
#include "base/error.h"
#include "base/strings.h"
#include "model/config_reader.h"

namespace lf {

namespace {
RopeScaling read_scaling(const std::string& type) {
  if (type == "default" || type == "mrope") return RopeScaling::kNone;
  if (type == "linear") return RopeScaling::kLinear;
  if (type == "dynamic") return RopeScaling::kDynamic;
  if (type == "yarn") return RopeScaling::kYarn;
  if (type == "llama3") return RopeScaling::kLlama3;
  if (type == "longrope" || type == "su") return RopeScaling::kLongrope;
  throw_error(ErrorKind::kUnsupported,
              "config.json: rope type '{}' is not available (default, linear, dynamic, yarn, llama3, longrope){}",
              printable(type), did_you_mean(type, {"default", "linear", "dynamic", "yarn", "llama3", "longrope"}));
}

}  // namespace

/// The object that describes rotary positions of `layer_type`; an empty one when config.json has none.
static Json rope_object(const Json& config, std::string_view layer_type) {
  const Json* legacy = find_value(config, "rope_scaling");
  const Json* current = find_value(config, "rope_parameters");
  const Json given = legacy && !legacy->empty() ? *legacy : current ? *current : Json::object();
  LF_CHECK(kFormat, given.is_object(), "config.json: 'rope_parameters' must be an object but is {}",
           printable(given.dump()));
  if (const Json* own = layer_type.empty() ? nullptr : find_value(given, layer_type)) return *own;
  for (const auto& [key, value] : given.items()) {
    LF_CHECK(kFormat, !value.is_object(), "config.json: rope parameters are given for '{}' but not for '{}'",
             printable(key), layer_type.empty() ? "all layers" : layer_type);
  }
  return given;
}

RopeSpec read_rope(const Json& config, int64_t max_positions, double default_theta, std::string_view layer_type) {
  const Json given = rope_object(config, layer_type);
  RopeSpec rope;
  rope.theta = number_or(given, "rope_theta", number_or(config, "rope_theta", default_theta));
  rope.scaling = read_scaling(string_or(given, "rope_type", string_or(given, "type", "default")));
  rope.max_positions = max_positions;
  rope.original_max_positions = int_or(config, "original_max_position_embeddings",
                                       int_or(given, "original_max_position_embeddings", max_positions));
  const double implied = rope.original_max_positions > 0
                             ? static_cast<double>(max_positions) / static_cast<double>(rope.original_max_positions)
                             : 1.0;
  const bool implies = rope.scaling == RopeScaling::kYarn || rope.scaling == RopeScaling::kLongrope;
  const bool factor_needed = rope.scaling != RopeScaling::kNone && !implies;
  LF_CHECK(kFormat, !factor_needed || find_value(given, "factor"), "config.json: rope scaling needs a 'factor'");
  rope.factor = number_or(given, "factor", implies ? implied : 1.0);
  const double fast = number_or(given, "beta_fast", 0), slow = number_or(given, "beta_slow", 0);
  if (fast != 0) rope.beta_fast = fast;
  if (slow != 0) rope.beta_slow = slow;
  rope.attention_factor = optional_number(given, "attention_factor");
  rope.mscale = optional_number(given, "mscale");
  rope.mscale_all_dim = optional_number(given, "mscale_all_dim");
  rope.truncate = bool_or(given, "truncate", true);
  if (rope.scaling == RopeScaling::kLlama3) {
    LF_CHECK(kFormat, find_value(given, "low_freq_factor") && find_value(given, "high_freq_factor"),
             "config.json: llama3 rope scaling needs 'low_freq_factor' and 'high_freq_factor'");
    rope.low_freq_factor = number_or(given, "low_freq_factor", 1.0);
    rope.high_freq_factor = number_or(given, "high_freq_factor", 4.0);
  }
  if (rope.scaling == RopeScaling::kLongrope) {
    rope.short_factor = number_list(given, "short_factor");
    rope.long_factor = number_list(given, "long_factor");
  }
  rope.rotated_fraction = number_or(given, "partial_rotary_factor", number_or(config, "partial_rotary_factor", 1.0));
  return rope;
}

}  // namespace lf
