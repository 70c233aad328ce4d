// Values as text: Python's str() and repr(), and JSON as the tojson filter of Hugging Face.
#pragma once
#include <optional>
#include <string>

#include "templates/jinja/value.h"

namespace lf::jinja {

/// str(value); "" for undefined.
std::string to_text(const Value& value);
std::string repr(const Value& value);
std::string repr(std::string_view text);
/// ascii(value): repr with everything beyond ASCII escaped.
std::string ascii_repr(const Value& value);

struct JsonStyle {
  bool ensure_ascii = false;
  std::optional<std::string> indent;
  /// Without one (Python was given something else than a str), items or keys are an error.
  std::optional<std::string> item_separator = ", ", key_separator = ": ";
  bool sort_keys = false;
};
/// json.dumps(value). kData for what has no JSON form.
std::string to_json(const Value& value, const JsonStyle& style);

}  // namespace lf::jinja
