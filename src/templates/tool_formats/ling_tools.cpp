// Tool format `ling`: the Qwen form, and "detailed thinking off" (Ling and Ring version 2).
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  return kQwenToolsHead + qwen_tool_lines(tools) + kQwenToolsTail + "\ndetailed thinking off";
}

}  // namespace

extern const ToolFormatEntry entry_ling_tools;
const ToolFormatEntry entry_ling_tools{"ling", "as qwen, thinking off", tool_text, qwen_call_text, qwen_extract};

}  // namespace lf
