// Operators, attributes and subscripts of values.
#pragma once
#include "templates/jinja/ast.h"
#include "templates/jinja/value.h"

namespace lf::jinja {

/// a op b for the operators of kBinary. kData with Python's message; integers beyond 64 bits are refused.
Value binary_operation(Op op, const Value& a, const Value& b);
Value negated(const Value& value);
Value unary_plus(const Value& value);

/// a.name: the attribute, else the item, else undefined. kData when `owner` is undefined.
Value get_attribute(const Value& owner, const std::string& name);
/// a[key]: the item, else for a str the attribute, else undefined.
Value get_item(const Value& owner, const Value& key);
/// a.name without falling back to items; missing when there is none.
Value attribute_only(const Value& owner, const std::string& name);
/// a[start:stop:step]; none stands for an absent bound.
Value get_slice(const Value& owner, const Value& start, const Value& stop, const Value& step);

/// printf-style formatting: format % arguments.
Value format_percent(const Value& format, const Value& arguments);
/// str.format(); `interp` calls nothing, lookups follow get_attribute and get_item.
Value format_braces(const Value& format, const Args& args);
/// format(value, spec), as in "{:>10}".
std::string format_spec(const Value& value, const std::string& spec);

/// HTML escape of str(value); markup stays as it is.
std::string escaped(const Value& value);
/// Like str(value) for what joins an HTML-safe string.
std::string text_for(const Value& owner, const Value& value);

}  // namespace lf::jinja
