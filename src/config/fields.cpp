#include "config/fields.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "config/known_keys.h"

namespace lf {
namespace {

using TextMap = std::map<std::string, std::string>;

std::string need(std::string_view what, const YamlNode& value) {
  std::string message = fmt::format("must be {} but is {}", what, shown(value));
  if (value.is_scalar() && value.quoted && resolve_scalar(std::string_view(value.text)).type != ScalarType::kString) {
    message += "; write it without quotes";
  }
  return message;
}

std::string read(bool& out, const YamlNode& value) {
  const ScalarValue scalar = resolve_scalar(value);
  const bool digit = scalar.type == ScalarType::kInt && (scalar.integer == 0 || scalar.integer == 1);
  if (scalar.type != ScalarType::kBool && !digit) return need("true or false", value);
  out = digit ? scalar.integer == 1 : scalar.boolean;
  return "";
}

std::string read(int64_t& out, const YamlNode& value) {
  const ScalarValue scalar = resolve_scalar(value);
  if (scalar.type == ScalarType::kInt) {
    out = scalar.integer;
    return "";
  }
  const bool whole = scalar.type == ScalarType::kFloat && std::fabs(scalar.number) < 9e15 &&
                     scalar.number == std::floor(scalar.number);
  if (!whole) return need("an integer", value);
  out = static_cast<int64_t>(scalar.number);
  return "";
}

std::string read(double& out, const YamlNode& value) {
  const ScalarValue scalar = resolve_scalar(value);
  if (scalar.type != ScalarType::kInt && scalar.type != ScalarType::kFloat) return need("a number", value);
  if (!std::isfinite(scalar.number)) return need("a finite number", value);
  out = scalar.number;
  return "";
}

/// Text is taken as written: `no`, `017` and `2024` stay what they look like.
std::string read(std::string& out, const YamlNode& value) {
  if (!value.is_scalar()) return need("a text", value);
  out = value.text;
  return "";
}

template <class T>
std::string read(std::vector<T>& out, const YamlNode& value) {
  std::vector<T> items;
  std::vector<YamlNode> nodes = value.items;
  if (value.is_mapping()) return need("a list or comma list", value);
  if (value.is_scalar()) {
    for (std::string& text : split_list(value.text)) {
      YamlNode node;
      node.kind = YamlNode::Kind::kScalar;
      node.text = std::move(text);
      nodes.push_back(std::move(node));
    }
  }
  for (const YamlNode& node : nodes) {
    T item{};
    const std::string problem = read(item, node);
    if (!problem.empty()) return "has an item that " + problem;
    items.push_back(std::move(item));
  }
  out = std::move(items);
  return "";
}

std::string read(TextMap& out, const YamlNode& value) {
  if (value.is_scalar() && !value.text.empty() && value.text[0] == '{') {
    try {
      return read(out, parse_yaml(value.text, "value"));
    } catch (const Error&) {
      return need("a mapping", value);
    }
  }
  if (!value.is_mapping()) return need("a mapping", value);
  TextMap map;
  for (size_t i = 0; i < value.keys.size(); ++i) {
    if (!value.items[i].is_scalar())
      return fmt::format("has an entry '{}' that {}", printable(value.keys[i].name, 40),
                         need("a number or word", value.items[i]));
    map[value.keys[i].name] = value.items[i].text;
  }
  out = std::move(map);
  return "";
}

template <class T>
struct IsNullable : std::false_type {};
template <class T>
struct IsNullable<std::optional<T>> : std::true_type {};

/// null empties what can be empty; elsewhere it would hide a forgotten value.
template <class T>
std::string read_null(T& out) {
  if constexpr (IsNullable<T>::value) {
    out.reset();
    return "";
  } else if constexpr (std::is_same_v<T, TextMap>) {
    out.clear();
    return "";
  } else if constexpr (std::is_same_v<T, std::vector<std::string>> || std::is_same_v<T, std::vector<double>>) {
    if (out.empty()) return "";
  }
  return "needs a value; leave the key out for its default";
}

template <class T>
std::string read_any(T& out, const YamlNode& value) {
  if (value.kind == YamlNode::Kind::kNull) return read_null(out);
  if constexpr (IsNullable<T>::value) {
    typename T::value_type inner{};
    std::string problem = read(inner, value);
    if (problem.empty()) out = std::move(inner);
    return problem;
  } else {
    return read(out, value);
  }
}

std::string check_choice(const Field& info, const std::string& word) {
  if (info.choices.empty()) return "";
  const std::vector<std::string> available(info.choices.begin(), info.choices.end());
  if (std::find(available.begin(), available.end(), word) != available.end()) return "";
  const KnownKey* known = find_known_key(info.key);
  const std::vector<std::string> upstream = known ? known->choice_list() : std::vector<std::string>{};
  const bool later = std::find(upstream.begin(), upstream.end(), word) != upstream.end();
  if (later) return fmt::format("'{}' is not available yet (available: {})", word, join(available, ", "));
  return fmt::format("must be one of {} but is '{}'{}", join(available, ", "), printable(word, 60),
                     did_you_mean(word, available));
}

/// Choices after a value is read: the text itself, or each item of a list.
template <class T>
std::string check_choices(const Field& info, const T& value) {
  if constexpr (std::is_same_v<T, std::string>) {
    return check_choice(info, value);
  } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
    return value ? check_choice(info, *value) : "";
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    for (const std::string& item : value) {
      const std::string problem = check_choice(info, item);
      if (!problem.empty()) return problem;
    }
  }
  return "";
}

std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(int64_t value) { return std::to_string(value); }
std::string text_of(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) return fmt::format("{:.1f}", value);
  const std::string text = python_float(value);
  const size_t exponent = text.find('e');
  if (exponent == std::string::npos || text.find('.') != std::string::npos) return text;
  return text.substr(0, exponent) + ".0" + text.substr(exponent);  // 5.0e-05: a float for every YAML reader
}
std::string text_of(const std::string& value) { return yaml_quote(value); }
template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "null";
}
/// A comma would end an item of a list or mapping on one line.
std::string in_flow(std::string text) {
  return text.find(',') != std::string::npos && text[0] != '"' ? '"' + text + '"' : text;
}
template <class T>
std::string text_of(const std::vector<T>& value) {
  std::vector<std::string> items;
  for (const T& item : value) items.push_back(in_flow(text_of(item)));
  return "[" + join(items, ", ") + "]";
}
std::string map_value(const std::string& text) {
  const ScalarType type = resolve_scalar(std::string_view(text)).type;
  if (type != ScalarType::kString && type != ScalarType::kNull) return text;
  return in_flow(yaml_quote(text));
}
std::string text_of(const TextMap& value) {
  std::vector<std::string> items;
  for (const auto& [key, text] : value) items.push_back(in_flow(yaml_quote(key)) + ": " + map_value(text));
  return "{" + join(items, ", ") + "}";
}

template <class T>
std::string type_of() {
  if constexpr (IsNullable<T>::value)
    return type_of<typename T::value_type>() + " or null";
  else if constexpr (std::is_same_v<T, bool>)
    return "true/false";
  else if constexpr (std::is_same_v<T, int64_t>)
    return "integer";
  else if constexpr (std::is_same_v<T, double>)
    return "number";
  else if constexpr (std::is_same_v<T, std::string>)
    return "text";
  else if constexpr (std::is_same_v<T, TextMap>)
    return "mapping";
  else
    return "list";
}

struct Collector {
  std::vector<FieldRef>& fields;
  template <class T>
  void operator()(T& member, Field info) const {
    fields.push_back({std::move(info), &member});
  }
};

}  // namespace

std::vector<FieldRef> fields_of(RunConfig& config) {
  std::vector<FieldRef> fields;
  const Collector collect{fields};
  ModelOptions::visit(config.model, collect);
  DataOptions::visit(config.data, collect);
  FinetuningOptions::visit(config.finetuning, collect);
  if (config.kind == ConfigKind::kTrain) TrainingOptions::visit(config.training, collect);
  GeneratingOptions::visit(config.generating, collect);
  return fields;
}

const std::vector<FieldRef>& default_fields(ConfigKind kind) {
  static RunConfig train;
  static RunConfig infer = [] {
    RunConfig config;
    config.kind = ConfigKind::kInfer;
    return config;
  }();
  static const std::vector<FieldRef> train_fields = fields_of(train);
  static const std::vector<FieldRef> infer_fields = fields_of(infer);
  return kind == ConfigKind::kTrain ? train_fields : infer_fields;
}

const FieldRef* find_field(const std::vector<FieldRef>& fields, std::string_view key) {
  for (const FieldRef& field : fields) {
    if (field.info.key == key) return &field;
  }
  return nullptr;
}

std::string assign(const FieldRef& field, const YamlNode& value) {
  return std::visit(
      [&](auto* target) -> std::string {
        auto candidate = *target;
        std::string problem = read_any(candidate, value);
        if (problem.empty()) problem = check_choices(field.info, candidate);
        if (problem.empty()) *target = std::move(candidate);
        return problem;
      },
      field.target);
}

std::string field_text(const FieldRef& field) {
  const std::string text = std::visit([](const auto* target) { return text_of(*target); }, field.target);
  return field.info.secret && text != "null" ? "\"******\"" : text;
}

std::string type_name(const FieldTarget& target) {
  return std::visit([](const auto* pointer) { return type_of<std::remove_cvref_t<decltype(*pointer)>>(); }, target);
}

std::string shown(const YamlNode& value) {
  if (value.kind == YamlNode::Kind::kNull) return "null";
  if (value.is_sequence()) return "a list";
  if (value.is_mapping()) return "a mapping";
  return fmt::format("'{}'", printable(value.text, 80));
}

}  // namespace lf
