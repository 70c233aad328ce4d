// What jinja2's compiler makes of constant expressions. It writes them into Python source without parentheses, which
// shows in two places: -3 ** x means -(3 ** x) there, and a constant dict with a list as a key fails when the template
// is compiled.
#pragma once
#include <optional>

#include "templates/jinja/ast.h"

namespace lf::jinja {

/// The value of a constant expression; nullopt when it is not constant or fails.
std::optional<Value> fold(const Node& node);
/// Whether the expression is a dict of constants that has a key that cannot be hashed.
bool is_broken_constant_dict(const Node& node);

}  // namespace lf::jinja
