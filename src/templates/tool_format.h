// How one family of models is told about tools, how it writes calls, and how calls are read back from its text.
// One file in tool_formats/ = one entry; the key is `tool_format` in a template or in the data keys.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "templates/function_call.h"

namespace lf {

struct ToolFormatEntry {
  std::string_view name;
  std::string_view help;
  /// Text for the system prompt. `tools` is a non-empty list; `today` is a date such as "07 Mar 2025". kData on a
  /// broken tool.
  std::string (*tool_text)(const Json& tools, const std::string& today);
  /// Text of the assistant turn that makes these calls. kData when the format cannot say it.
  std::string (*call_text)(const FunctionCalls& calls);
  /// Calls found in a model's answer; nullopt when it is plain text.
  std::optional<FunctionCalls> (*extract)(std::string_view text);
};

std::span<const ToolFormatEntry* const> all_tool_formats();

}  // namespace lf
