// Tool format `glm4_moe`: <arg_key> / <arg_value> pairs (GLM-4.5 and later). The closing tag is the template's stop
// word.
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  return std::string("\n\n") + kQwenToolsHead + qwen_tool_lines(tools) +
         "\n</tools>\n\nFor each function call, output the function name and arguments within the following XML "
         "format:\n"
         "<tool_call>{function-name}\n<arg_key>{arg-key-1}</arg_key>\n<arg_value>{arg-value-1}</arg_value>\n"
         "<arg_key>{arg-key-2}</arg_key>\n<arg_value>{arg-value-2}</arg_value>\n...\n</tool_call>\n";
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) {
    std::string text = "\n<tool_call>" + call.name;
    for (const auto& [key, value] : call_arguments(call)) {
      text += "\n<arg_key>" + key + "</arg_key>\n<arg_value>" + tag_value(value) + "</arg_value>";
    }
    parts.push_back(text);
  }
  return join(parts, "\n");
}

}  // namespace

extern const ToolFormatEntry entry_glm4_moe_tools;
const ToolFormatEntry entry_glm4_moe_tools{"glm4_moe", "<arg_key> and <arg_value> tags", tool_text, call_text,
                                           qwen_extract};

}  // namespace lf
