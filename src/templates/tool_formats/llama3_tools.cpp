// Tool format `llama3`: indented JSON and today's date in the prompt, {"name", "parameters"} as call (Llama 3.1 and
// later).
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string& today) {
  std::string text =
      "Cutting Knowledge Date: December 2023\nToday Date: " + today +
      "\n\nYou have access to the following functions. To call a function, please respond with JSON for a "
      "function call. Respond in the format {\"name\": function name, \"parameters\": dictionary of argument "
      "name and its value}. Do not use variables.\n\n";
  for (const Json& tool : tools) text += python_json(wrapped_tool(tool), 4) + "\n\n";
  return text;
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) parts.push_back(call_object(call, "parameters"));
  return parts.size() == 1 ? parts[0] : "[" + join(parts, ", ") + "]";
}

std::optional<FunctionCalls> extract(std::string_view text) {
  const std::optional<Json> value = try_json(trim(text));
  return value ? calls_from_json(*value, "parameters") : std::nullopt;
}

}  // namespace

extern const ToolFormatEntry entry_llama3_tools;
const ToolFormatEntry entry_llama3_tools{"llama3", "JSON with name and parameters", tool_text, call_text, extract};

}  // namespace lf
