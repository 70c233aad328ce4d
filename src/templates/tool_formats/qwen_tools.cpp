// Tool format `qwen`: JSON objects between <tool_call> tags (Qwen 2.5 and 3).
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  return std::string("\n\n") + kQwenToolsHead + qwen_tool_lines(tools) + kQwenToolsTail;
}

}  // namespace

extern const ToolFormatEntry entry_qwen_tools;
const ToolFormatEntry entry_qwen_tools{"qwen", "JSON between <tool_call> tags", tool_text, qwen_call_text,
                                       qwen_extract};

}  // namespace lf
