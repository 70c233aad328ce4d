// Tool format `minimax1`: one JSON object per line between <tool_calls> tags (MiniMax-M1 and Text-01).
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  std::string text = "You are provided with these tools:\n<tools>";
  for (const Json& tool : tools) text += "\n" + python_json(unwrapped_tool(tool));
  return text +
         "\n</tools>\n\nIf you need to call tools, please respond with <tool_calls></tool_calls> XML tags, and provide "
         "tool-name and json-object of arguments, following the format below:\n<tool_calls>\n"
         "{\"name\": <tool-name-1>, \"arguments\": <args-json-object-1>}\n...\n</tool_calls>";
}

std::string call_text(const FunctionCalls& calls) {
  std::string text = "<tool_calls>\n";
  for (const FunctionCall& call : calls) text += call_object(call, "arguments") + "\n";
  return text + "</tool_calls>";
}

std::optional<FunctionCalls> extract(std::string_view text) {
  TextScanner scanner(text);
  if (!scanner.find("<tool_calls>")) return std::nullopt;
  const auto block = scanner.until("</tool_calls>");
  if (!block || block->empty()) return std::nullopt;
  FunctionCalls calls;
  for (const std::string& line : split(*block, '\n')) {
    const std::optional<Json> value = try_json(trim(line));
    const auto read = value && value->is_object() ? calls_from_json(*value, "arguments") : std::nullopt;
    if (read) calls.push_back(read->front());
  }
  return calls;
}

}  // namespace

extern const ToolFormatEntry entry_minimax1_tools;
const ToolFormatEntry entry_minimax1_tools{"minimax1", "JSON lines between <tool_calls> tags", tool_text, call_text,
                                           extract};

}  // namespace lf
