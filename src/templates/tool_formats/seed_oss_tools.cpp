// Tool format `seed_oss`: <function=NAME and <parameter=KEY> tags inside <seed:tool_call>.
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  return "system\nYou are Doubao, a helpful AI assistant. You may call one or more functions to assist with the user "
         "query."
         "Tool List:\nYou are authorized to use the following tools (described in JSON Schema format). Before "
         "performing any "
         "task, you must decide how to call them based on the descriptions and parameters of these tools.\n" +
         python_json(tools) +
         "\n工具调用请遵循如下格式:\n<seed:tool_call>\n<function=example_function_name>\n"
         "<parameter=example_parameter_1>value_1</parameter>\n<parameter=example_parameter_2>This is the value for the "
         "second "
         "parameter\nthat can span\nmultiple lines</parameter>\n</function>\n</seed:tool_call>\n";
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) {
    std::string text = "\n<seed:tool_call>\n<function=" + call.name;
    for (const auto& [key, value] : call_arguments(call)) {
      text += "\n<parameter=" + key + ">" + tag_value(value) + "</parameter>";
    }
    parts.push_back(text + "\n</function>\n</seed:tool_call>");
  }
  return join(parts, "\n");
}

std::optional<FunctionCalls> extract(std::string_view text) {
  return function_tag_calls(text, "<seed:tool_call>", "</seed:tool_call>", false);
}

}  // namespace

extern const ToolFormatEntry entry_seed_oss_tools;
const ToolFormatEntry entry_seed_oss_tools{"seed_oss", "<seed:tool_call> tags", tool_text, call_text, extract};

}  // namespace lf
