// What jinja2's compiler makes of constant expressions. It writes them into Python source without parentheses, and
// takes slices by the rules of the sandbox, not of Python. This shows in four places: -3 ** x means -(3 ** x) there; a
// constant dict with a list as a key fails when the template is compiled; 1[2:] is undefined, while x[2:] fails for
// x = 1; and nan and inf become names that Python does not know.
#pragma once
#include <optional>

#include "templates/jinja/ast.h"

namespace lf::jinja {

/// The value of a constant expression; nullopt when it is not constant or fails.
std::optional<Value> fold(const Node& node);
/// Whether the expression is a slice of a constant that would fail at run time and is undefined when folded.
bool is_lenient_slice(const Node& node);
/// "nan" or "inf" when such a number stands in the constant, empty otherwise.
std::string_view unwritable_part(const Value& value);
/// Whether the expression is a constant with such a part.
bool is_unwritable(const Node& node);
/// Whether jinja2 can write the value into Python source (its has_safe_repr), as it must to fold a part of an
/// expression.
bool has_literal(const Value& value);
/// Whether the expression is a dict of constants that has a key that cannot be hashed.
bool is_broken_constant_dict(const Node& node);

}  // namespace lf::jinja
