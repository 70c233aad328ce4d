// Tool format `glm4`: Chinese instruction, the call is the name, a line break and the arguments. One call at a time.
#include "base/error.h"
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

std::string tool_text(const Json& tools, const std::string&) {
  std::string text =
      "你是一个名为 ChatGLM 的人工智能助手。你是基于智谱 AI 公司训练的语言模型 GLM-4 模型开发的，"
      "你的任务是针对用户的问题和要求提供适当的答复和支持。\n\n# 可用工具";
  for (const Json& tool : tools) {
    const Json& function = unwrapped_tool(tool);
    text += "\n\n## " + tool_name(function) + "\n\n" + python_json(function, 4) +
            "\n在调用上述函数时，请使用 Json 格式表示调用的参数。";
  }
  return text;
}

std::string call_text(const FunctionCalls& calls) {
  LF_CHECK(kData, calls.size() == 1, "GLM-4 does not support parallel functions: one message holds {} calls",
           calls.size());
  return calls[0].name + "\n" + calls[0].arguments;
}

std::optional<FunctionCalls> extract(std::string_view text) {
  const size_t line = text.find('\n');
  if (line == std::string_view::npos) return std::nullopt;
  const std::optional<Json> arguments = try_json(trim(text.substr(line + 1)));
  if (!arguments) return std::nullopt;
  return FunctionCalls{{std::string(text.substr(0, line)), python_json(*arguments)}};
}

}  // namespace

extern const ToolFormatEntry entry_glm4_tools;
const ToolFormatEntry entry_glm4_tools{"glm4", "name, line break, JSON arguments", tool_text, call_text, extract};

}  // namespace lf
