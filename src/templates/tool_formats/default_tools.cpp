// Tool format `default`: a list in prose, calls as "Action: NAME" and "Action Input: JSON".
#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

bool truthy(const Json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && !it->is_null() && !(it->is_structured() && it->empty()) && *it != "";
}

std::string member_text(const Json& object, const char* key) {
  return object.contains(key) ? python_str(object[key]) : std::string();
}

std::string parameter_line(const std::string& name, const Json& schema, const Json& required) {
  std::string line = "  - " + name + " (" + member_text(schema, "type");
  for (const Json& item : required) {
    if (item == name) {
      line += ", required";
      break;
    }
  }
  line += "): " + member_text(schema, "description");
  if (truthy(schema, "enum")) {
    std::vector<std::string> choices;
    for (const Json& choice : schema["enum"]) choices.push_back(python_str(choice));
    line += ", should be one of [" + join(choices, ", ") + "]";
  }
  if (truthy(schema, "items")) line += ", where each item should be " + member_text(schema["items"], "type");
  return line + "\n";
}

std::string tool_text(const Json& tools, const std::string&) {
  std::string list;
  std::vector<std::string> names;
  for (const Json& tool : tools) {
    const Json& function = unwrapped_tool(tool);
    const Json& parameters = tool_member(function, "parameters");
    const Json& properties = tool_member(parameters, "properties");
    const Json required = parameters.contains("required") ? parameters["required"] : Json::array();
    names.push_back(tool_name(function));
    list += "> Tool Name: " + names.back() + "\nTool Description: " + member_text(function, "description") +
            "\nTool Args:\n";
    for (auto it = properties.begin(); it != properties.end(); ++it) list += parameter_line(it.key(), *it, required);
    list += "\n";
  }
  return "You have access to the following tools:\n" + list +
         "Use the following format if using a tool:\n```\nAction: tool name (one of [" + join(names, ", ") +
         "])\nAction Input: the input to the tool, in a JSON format representing the kwargs "
         "(e.g. ```{\"input\": \"hello world\", \"num_beams\": 5}```)\n```\n";
}

std::string call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) parts.push_back("Action: " + call.name + "\nAction Input: " + call.arguments);
  return join(parts, "\n");
}

std::string_view strip(std::string_view text, char c) {
  while (!text.empty() && text.front() == c) text.remove_prefix(1);
  while (!text.empty() && text.back() == c) text.remove_suffix(1);
  return text;
}

std::optional<FunctionCalls> extract(std::string_view text) {
  constexpr std::string_view kAction = "Action:";
  FunctionCalls calls;
  TextScanner scanner(text);
  while (scanner.find(kAction)) {
    scanner.skip_blanks();
    const std::string_view name = scanner.identifier();
    scanner.skip_blanks();
    if (name.empty() || !scanner.accept("Action Input:")) continue;
    scanner.skip_blanks();
    const std::string_view rest = scanner.rest();
    const size_t end = std::min(rest.find(kAction, 1), rest.size());
    const std::optional<Json> arguments = try_json(strip(strip(trim(rest.substr(0, end)), '"'), '`'));
    if (!arguments) return std::nullopt;
    calls.push_back({std::string(name), python_json(*arguments)});
    scanner.rewind(scanner.position() + end);
  }
  if (calls.empty()) return std::nullopt;
  return calls;
}

}  // namespace

extern const ToolFormatEntry entry_default_tools;
const ToolFormatEntry entry_default_tools{"default", "Action / Action Input lines", tool_text, call_text, extract};

}  // namespace lf
