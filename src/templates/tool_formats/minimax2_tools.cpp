// Tool format `minimax2`: <invoke name="..."> with <parameter name="..."> tags (MiniMax-M2).
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  std::string text =
      "\n\n# Tools\n\nYou may call one or more tools to assist with the user query.\n"
      "Here are the tools available in JSONSchema format:\n\n<tools>\n";
  for (const Json& tool : tools) text += "<tool>" + python_json(unwrapped_tool(tool)) + "</tool>\n";
  return text +
         "</tools>\n\nWhen making tool calls, use XML format to invoke tools and pass "
         "parameters:\n\n<minimax:tool_call>\n"
         "<invoke name=\"tool-name-1\">\n<parameter name=\"param-key-1\">param-value-1</parameter>\n"
         "<parameter name=\"param-key-2\">param-value-2</parameter>\n...\n</invoke>\n</minimax:tool_call>";
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) {
    std::string text = "<invoke name=\"" + call.name + "\">";
    for (const auto& [key, value] : call_arguments(call)) {
      text += "\n<parameter name=\"" + key + "\">" + tag_value(value) + "</parameter>";
    }
    parts.push_back(text + "\n</invoke>");
  }
  return join(parts, "\n");
}

std::optional<FunctionCalls> extract(std::string_view text) {
  TextScanner outer(text);
  if (!outer.find("<minimax:tool_call>")) return std::nullopt;
  const auto block = outer.until("</minimax:tool_call>");
  if (!block) return std::nullopt;
  FunctionCalls calls;
  TextScanner scanner(*block);
  while (scanner.find("<invoke name=\"")) {
    const auto name = scanner.until("\">");
    const auto body = name ? scanner.until("</invoke>") : std::nullopt;
    if (!body) break;
    const Json arguments = tagged_arguments(*body, "<parameter name=\"", "\">", "</parameter>", false);
    calls.push_back({std::string(trim(*name)), python_json(arguments)});
  }
  return calls;
}

}  // namespace

extern const ToolFormatEntry entry_minimax2_tools;
const ToolFormatEntry entry_minimax2_tools{"minimax2", "<invoke> and <parameter> tags", tool_text, call_text, extract};

}  // namespace lf
