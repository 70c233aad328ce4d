// Methods of the types, one table each.
#pragma once
#include <span>

#include "templates/jinja/interp.h"

namespace lf::jinja {

std::span<const NamedBuiltin> text_methods();       // of str: searching, splitting, case
std::span<const NamedBuiltin> text_test_methods();  // of str: isdigit() ...
std::span<const NamedBuiltin> set_methods();
std::span<const NamedBuiltin> view_methods();                  // of keys() and items()
std::span<const NamedBuiltin> methods_of(const Value& value);  // of what is not a str

/// The entry called `name`, or null.
Builtin find_builtin(std::span<const NamedBuiltin> table, std::string_view name);
/// A text of the same sort (plain or HTML-safe) as `owner`.
Value text_like(const Value& owner, std::string text);
Value text_list(const Value& owner, const std::vector<std::string_view>& parts);

}  // namespace lf::jinja
