// Tool format `mistral`: [AVAILABLE_TOOLS], calls as one JSON list.
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  std::vector<std::string> parts;
  for (const Json& tool : tools) parts.push_back(python_json(wrapped_tool(tool)));
  return "[AVAILABLE_TOOLS] [" + join(parts, ", ") + "][/AVAILABLE_TOOLS]";
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) parts.push_back(call_object(call, "arguments"));
  return "[" + join(parts, ", ") + "]";
}

std::optional<FunctionCalls> extract(std::string_view text) {
  const std::optional<Json> value = try_json(trim(text));
  return value ? calls_from_json(*value, "arguments") : std::nullopt;
}

}  // namespace

extern const ToolFormatEntry entry_mistral_tools;
const ToolFormatEntry entry_mistral_tools{"mistral", "JSON list after [TOOL_CALLS]", tool_text, call_text, extract};

}  // namespace lf
