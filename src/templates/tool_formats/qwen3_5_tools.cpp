// Tool format `qwen3_5`: <function=NAME> and <parameter=KEY> tags inside <tool_call>.
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

constexpr const char* kInstruction =
    "\n</tools>\n\nIf you choose to call a function ONLY reply in the following format with NO suffix:\n\n"
    "<tool_call>\n<function=example_function_name>\n<parameter=example_parameter_1>\nvalue_1\n</parameter>\n"
    "<parameter=example_parameter_2>\nThis is the value for the second parameter\nthat can span\nmultiple lines\n"
    "</parameter>\n</function>\n</tool_call>\n\n<IMPORTANT>\nReminder:\n"
    "- Function calls MUST follow the specified format: an inner <function=...></function> block must be nested within "
    "<tool_call></tool_call> XML tags\n- Required parameters MUST be specified\n"
    "- You may provide optional reasoning for your function call in natural language BEFORE the function call, but NOT "
    "after\n- If there is no function call available, answer the question like normal with your current knowledge and "
    "do "
    "not tell the user about function calls\n</IMPORTANT>";

std::string tool_text(const Json& tools, const std::string&) {
  std::string text = "\n\n# Tools\n\nYou have access to the following functions:\n\n<tools>";
  for (const Json& tool : tools) text += "\n" + python_json(unwrapped_tool(tool));
  return text + kInstruction;
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) {
    std::string text = "<tool_call>\n<function=" + call.name + ">";
    for (const auto& [key, value] : call_arguments(call)) {
      text += "\n<parameter=" + key + ">\n" + tag_value(value) + "\n</parameter>";
    }
    parts.push_back(text + "\n</function>\n</tool_call>");
  }
  return join(parts, "\n");
}

std::optional<FunctionCalls> extract(std::string_view text) {
  return function_tag_calls(text, "<tool_call>", "</tool_call>", true);
}

}  // namespace

extern const ToolFormatEntry entry_qwen3_5_tools;
const ToolFormatEntry entry_qwen3_5_tools{"qwen3_5", "<function> and <parameter> tags", tool_text, call_text, extract};

}  // namespace lf
