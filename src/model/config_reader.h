// Typed look-ups in config.json. Errors name the key (kFormat); null counts as absent.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "layers/specs.h"

namespace lf {

/// The value, or null when it is absent or null.
const Json* find_value(const Json& config, std::string_view key);

int64_t required_int(const Json& config, std::string_view key);
int64_t int_or(const Json& config, std::string_view key, int64_t fallback);
std::optional<int64_t> optional_int(const Json& config, std::string_view key);
double number_or(const Json& config, std::string_view key, double fallback);
std::optional<double> optional_number(const Json& config, std::string_view key);
bool bool_or(const Json& config, std::string_view key, bool fallback);
std::string string_or(const Json& config, std::string_view key, std::string_view fallback);
/// A list of strings, one for each layer (empty when the key is absent).
std::vector<std::string> layer_strings(const Json& config, std::string_view key, size_t layers);
std::vector<int64_t> int_list(const Json& config, std::string_view key);
std::vector<double> number_list(const Json& config, std::string_view key);

/// The config with values of `from` also under `to`, where that is absent: families that name a size differently.
Json renamed(Json config, std::initializer_list<std::pair<const char*, const char*>> from_to);
/// The config with values for keys that it does not have (null is a value here, as for transformers' config classes).
Json defaulted(Json config, std::initializer_list<std::pair<const char*, Json>> values);

/// An activation by its name in transformers' ACT2FN; kUnsupported with those available.
Activation activation_named(std::string_view name);
/// rope_parameters (current) or rope_scaling and rope_theta (legacy). `layer_type` chooses among parameters that are
/// given for each kind of layer.
RopeSpec read_rope(const Json& config, int64_t max_positions, double default_theta = 10000.0,
                   std::string_view layer_type = "");

}  // namespace lf
