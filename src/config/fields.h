// The fields of a RunConfig as a list of (description, pointer): the one place where `visit` is turned into data.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/yaml.h"
#include "config/field.h"
#include "config/run_config.h"

namespace lf {

using FieldTarget = std::variant<bool*, int64_t*, double*, std::string*, std::optional<bool>*, std::optional<int64_t>*,
                                 std::optional<double>*, std::optional<std::string>*, std::vector<std::string>*,
                                 std::vector<double>*, std::map<std::string, std::string>*>;

struct FieldRef {
  Field info;
  FieldTarget target;
};

/// Fields that a command of config.kind takes, in the order of the structs. The pointers live as long as `config`.
std::vector<FieldRef> fields_of(RunConfig& config);
/// Those of default-constructed options, for help and documentation (static storage).
const std::vector<FieldRef>& default_fields(ConfigKind kind);
const FieldRef* find_field(const std::vector<FieldRef>& fields, std::string_view key);

/// Puts a YAML value into the field. Returns what is wrong with it ("must be an integer but is 'x'"), or "". Nothing is
/// changed then.
std::string assign(const FieldRef& field, const YamlNode& value);
/// The value as one line of YAML: `8`, `[a, b]`, `null`. Secrets are masked.
std::string field_text(const FieldRef& field);
/// "integer", "text or null", "list", ... for help.
std::string type_name(const FieldTarget& target);
/// A value as shown in messages: quoted, shortened, control characters escaped.
std::string shown(const YamlNode& value);

}  // namespace lf
