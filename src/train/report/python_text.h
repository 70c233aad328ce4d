// Numbers, JSON and literals as Python writes them, where base/json.h alone is not enough: sorted keys, ASCII escapes,
// NaN.
#pragma once
#include <string>
#include <string_view>

#include "base/json.h"

namespace lf {

/// Python's round(value, digits).
double python_round(double value, int digits);
/// Objects with their keys in code-point order, at every depth.
Json with_sorted_keys(const Json& value);
/// json.dumps(value, indent=indent): non-ASCII as \uXXXX, NaN and Infinity bare.
std::string python_json_ascii(const Json& value, int indent = -1);
/// parse_json, but also takes the bare NaN, Infinity and -Infinity that Python writes.
Json parse_python_json(std::string_view text, std::string_view where);
/// repr() of a str: 'it' or "it's".
std::string python_repr(std::string_view text);
/// str() of a number, bool, null or string.
std::string python_value_str(const Json& value);

}  // namespace lf
