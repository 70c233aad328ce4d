#include "model/config_reader.h"

#include <cmath>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

namespace {
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

template <typename T, typename Read>
std::vector<T> list_of(const Json& config, std::string_view key, std::string_view wanted, Read read) {
  std::vector<T> out;
  const Json* value = find_value(config, key);
  if (!value) return out;
  if (!value->is_array()) wrong_type(key, wanted, *value);
  for (const Json& item : *value) out.push_back(read(item));
  return out;
}
}  // namespace

const Json* find_value(const Json& config, std::string_view key) {
  auto it = config.find(std::string(key));
  return it == config.end() || it->is_null() ? nullptr : &*it;
}

int64_t required_int(const Json& config, std::string_view key) {
  const Json* value = find_value(config, key);
  LF_CHECK(kFormat, value, "config.json: '{}' is missing (model_type '{}')", key,
           printable(string_or(config, "model_type", "?")));
  return as_int(key, *value);
}

int64_t int_or(const Json& config, std::string_view key, int64_t fallback) {
  const Json* value = find_value(config, key);
  return value ? as_int(key, *value) : fallback;
}

double number_or(const Json& config, std::string_view key, double fallback) {
  const Json* value = find_value(config, key);
  if (!value) return fallback;
  if (!value->is_number()) wrong_type(key, "a number", *value);
  return value->get<double>();
}

bool bool_or(const Json& config, std::string_view key, bool fallback) {
  const Json* value = find_value(config, key);
  if (!value) return fallback;
  if (!value->is_boolean()) wrong_type(key, "true or false", *value);
  return value->get<bool>();
}

std::string string_or(const Json& config, std::string_view key, std::string_view fallback) {
  const Json* value = find_value(config, key);
  if (!value) return std::string(fallback);
  if (!value->is_string()) wrong_type(key, "a string", *value);
  return value->get<std::string>();
}

std::optional<int64_t> optional_int(const Json& config, std::string_view key) {
  return find_value(config, key) ? std::optional(int_or(config, key, 0)) : std::nullopt;
}

std::optional<double> optional_number(const Json& config, std::string_view key) {
  return find_value(config, key) ? std::optional(number_or(config, key, 0)) : std::nullopt;
}

std::vector<std::string> layer_strings(const Json& config, std::string_view key, size_t layers) {
  auto out = list_of<std::string>(config, key, "a list of strings", [&](const Json& item) {
    if (!item.is_string()) wrong_type(key, "a list of strings", item);
    return item.get<std::string>();
  });
  LF_CHECK(kFormat, out.empty() || out.size() == layers, "config.json: {} must name all {} layers but names {}", key,
           layers, out.size());
  return out;
}

std::vector<int64_t> int_list(const Json& config, std::string_view key) {
  return list_of<int64_t>(config, key, "a list of integers", [&](const Json& item) { return as_int(key, item); });
}

std::vector<double> number_list(const Json& config, std::string_view key) {
  return list_of<double>(config, key, "a list of numbers", [&](const Json& item) {
    if (!item.is_number()) wrong_type(key, "a list of numbers", item);
    return item.get<double>();
  });
}

Json renamed(Json config, std::initializer_list<std::pair<const char*, const char*>> from_to) {
  for (const auto& [from, to] : from_to) {
    if (const Json* value = find_value(config, from); value && !find_value(config, to)) {
      const Json copy = *value;
      config[to] = copy;
    }
  }
  return config;
}

Json defaulted(Json config, std::initializer_list<std::pair<const char*, Json>> values) {
  for (const auto& [key, value] : values) {
    if (!config.contains(key)) config[key] = value;
  }
  return config;
}

Activation activation_named(std::string_view name) {
  if (name == "silu" || name == "swish") return Activation::kSilu;
  if (name == "gelu" || name == "gelu_python") return Activation::kGelu;
  if (name == "gelu_pytorch_tanh" || name == "gelu_new" || name == "gelu_fast" || name == "gelu_python_tanh") {
    return Activation::kGeluTanh;
  }
  if (name == "quick_gelu") return Activation::kQuickGelu;
  if (name == "relu") return Activation::kRelu;
  if (name == "relu2" || name == "relu_2" || name == "squared_relu") return Activation::kRelu2;
  if (name == "sigmoid") return Activation::kSigmoid;
  if (name == "xielu") return Activation::kXielu;
  throw_error(ErrorKind::kUnsupported,
              "config.json: hidden_act '{}' is not available (silu, gelu, gelu_pytorch_tanh, gelu_new, quick_gelu, "
              "relu, relu2, sigmoid, xielu)",
              printable(name));
}

}  // namespace lf
