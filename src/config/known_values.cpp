#include "config/known_values.h"

#include <cstdlib>

#include "base/error.h"
#include "base/strings.h"
#include "config/fields.h"

namespace lf {
namespace {

template <class T>
std::string try_assign(const KnownKey& key, const YamlNode& value) {
  T target{};
  const std::vector<std::string> choices = key.choice_list();
  FieldRef field{{key.name, "", "", {choices.begin(), choices.end()}, key.secret}, &target};
  return assign(field, value);
}

/// What is wrong with the type or the choice, as upstream's list has it.
std::string check_type(const KnownKey& key, const YamlNode& value) {
  std::string_view type = key.type;
  const bool nullable = type.back() == '?';
  if (nullable) type.remove_suffix(1);
  if (value.kind == YamlNode::Kind::kNull)
    return nullable || type == "list" ? "" : "needs a value; leave the key out for its default";
  if (type == "bool") return try_assign<std::optional<bool>>(key, value);
  if (type == "int") return try_assign<std::optional<int64_t>>(key, value);
  if (type == "float") return try_assign<std::optional<double>>(key, value);
  if (type == "str") return try_assign<std::optional<std::string>>(key, value);
  if (type == "list") return try_assign<std::vector<std::string>>(key, value);
  return "";  // a mapping, a file name or JSON
}

std::string default_of(const KnownKey& key) {
  return key.default_value == "null"
             ? "leave it out"
             : fmt::format("only its default {} passes", key.default_value.empty() ? "(empty)" : key.default_value);
}

}  // namespace

bool is_default(const KnownKey& key, const YamlNode& value) {
  if (value.kind == YamlNode::Kind::kNull) return key.default_value == "null" || key.default_value.empty();
  if (!value.is_scalar()) return value.items.empty() && (key.default_value == "null" || key.default_value.empty());
  const ScalarValue given = resolve_scalar(std::string_view(value.text));
  const ScalarValue wanted = resolve_scalar(key.default_value);
  if (given.type == ScalarType::kBool && wanted.type == ScalarType::kBool) return given.boolean == wanted.boolean;
  const auto numeric = [](const ScalarValue& v) { return v.type == ScalarType::kInt || v.type == ScalarType::kFloat; };
  if (numeric(given) && numeric(wanted)) return given.number == wanted.number;
  return value.text == key.default_value;
}

std::string check_known_value(const KnownKey& key, const YamlNode& value) {
  if (key.rule == KeyRule::kDerived) return fmt::format("is computed and cannot be set; {}", key.note);
  if (key.rule == KeyRule::kOtherCommand) return std::string(key.note);
  std::string problem = check_type(key, value);
  if (!problem.empty() || key.rule == KeyRule::kAccepted || is_default(key, value)) return problem;
  if (key.rule == KeyRule::kNoMeaning) return fmt::format("has no meaning here ({})", default_of(key));
  std::string note(key.note);
  if (note == "leave it out" || note.empty()) note = default_of(key);
  return fmt::format("is not available yet; {}", note);
}

}  // namespace lf
