// Tool format `lfm2`: a list of Python calls between <|tool_call_start|> and <|tool_call_end|>.
#include "base/strings.h"
#include "templates/python_call.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  std::vector<std::string> parts;
  for (const Json& tool : tools) parts.push_back(python_json(unwrapped_tool(tool)));
  return "List of tools: <|tool_list_start|>[" + join(parts, ", ") + "]<|tool_list_end|>";
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) {
    std::vector<std::string> arguments;
    for (const auto& [key, value] : call_arguments(call)) {
      const std::string text = tag_value(value);
      arguments.push_back(key + "=" + (value.is_string() ? "\"" + text + "\"" : text));
    }
    parts.push_back(call.name + "(" + join(arguments, ", ") + ")");
  }
  return "<|tool_call_start|>[" + join(parts, ", ") + "]<|tool_call_end|>";
}

std::optional<FunctionCalls> extract(std::string_view text) {
  TextScanner scanner(text);
  if (!scanner.find("<|tool_call_start|>")) return std::nullopt;
  const auto block = scanner.until("<|tool_call_end|>");
  return block ? parse_python_calls(trim(*block)) : std::nullopt;
}

}  // namespace

extern const ToolFormatEntry entry_lfm2_tools;
const ToolFormatEntry entry_lfm2_tools{"lfm2", "list of Python calls", tool_text, call_text, extract};

}  // namespace lf
