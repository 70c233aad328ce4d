// Reads calls in Python's spelling: [name(key="text", n=2), other()].
#pragma once
#include <optional>
#include <string_view>

#include "templates/function_call.h"

namespace lf {

/// One call or a list of calls with keyword arguments; values are Python literals, or true / false / null on their own.
/// nullopt when `text` is anything else, or holds no call.
std::optional<FunctionCalls> parse_python_calls(std::string_view text);

}  // namespace lf
