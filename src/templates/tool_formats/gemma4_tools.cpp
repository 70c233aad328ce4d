// Tool format `gemma4`: declarations and calls in braces, strings between <|"|> marks.
#include <algorithm>
#include <cctype>

#include "base/strings.h"
#include "templates/tool_format.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

constexpr std::string_view kQuote = "<|\"|>";

std::string marked(const std::string& text) { return std::string(kQuote) + text + std::string(kQuote); }

bool truthy(const Json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && !it->is_null() && !(it->is_structured() && it->empty()) && *it != "" && *it != false;
}

/// "description" and "type", the parts that every schema shows.
void add_type(std::vector<std::string>& parts, const Json& schema) {
  if (!truthy(schema, "type")) return;
  std::string type = python_str(schema["type"]);
  std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::toupper(c); });
  parts.push_back("type:" + marked(type));
}

void add_description(std::vector<std::string>& parts, const Json& schema) {
  if (truthy(schema, "description")) parts.push_back("description:" + marked(python_str(schema["description"])));
}

std::string parameters_text(const Json& parameters) {
  std::vector<std::string> parts;
  if (truthy(parameters, "properties")) {
    std::vector<std::string> properties;
    for (auto it = parameters["properties"].begin(); it != parameters["properties"].end(); ++it) {
      std::vector<std::string> inner;
      add_description(inner, *it);
      add_type(inner, *it);
      properties.push_back(it.key() + ":{" + join(inner, ",") + "}");
    }
    parts.push_back("properties:{" + join(properties, ",") + "}");
  }
  if (truthy(parameters, "required")) {
    std::vector<std::string> required;
    for (const Json& name : parameters["required"]) required.push_back(marked(python_str(name)));
    parts.push_back("required:[" + join(required, ",") + "]");
  }
  add_type(parts, parameters);
  return join(parts, ",");
}

std::string tool_text(const Json& tools, const std::string&) {
  std::vector<std::string> declarations;
  for (const Json& tool : tools) {
    const Json& function = unwrapped_tool(tool);
    const std::string description = function.contains("description") ? python_str(function["description"]) : "";
    std::string text = "declaration:" + tool_name(function) + "{description:" + marked(description);
    if (truthy(function, "parameters")) text += ",parameters:{" + parameters_text(function["parameters"]) + "}";
    if (truthy(function, "response")) {
      std::vector<std::string> parts;
      add_description(parts, function["response"]);
      add_type(parts, function["response"]);
      text += ",response:{" + join(parts, ",") + "}";
    }
    declarations.push_back(text + "}");
  }
  return join(declarations, "\n");
}

/// Keys in code point order; byte order of UTF-8 is the same.
std::string value_text(const Json& value) {
  if (value.is_string()) return marked(value.get<std::string>());
  if (!value.is_structured()) return python_json(value);
  std::vector<std::string> parts;
  if (value.is_array()) {
    for (const Json& item : value) parts.push_back(value_text(item));
    return "[" + join(parts, ",") + "]";
  }
  std::vector<std::string> keys;
  for (auto it = value.begin(); it != value.end(); ++it) keys.push_back(it.key());
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) parts.push_back(key + ":" + value_text(value[key]));
  return "{" + join(parts, ",") + "}";
}

std::string call_text(const FunctionCalls& calls) {
  std::string text;
  for (const FunctionCall& call : calls) {
    const Json arguments = parse_json(call.arguments, "arguments of " + printable(call.name));
    const std::string inner = arguments.is_object() ? value_text(arguments) : "{" + value_text(arguments) + "}";
    text += "<|tool_call>call:" + call.name + inner + "<tool_call|>";
  }
  return text;
}

bool word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Turns {key:<|"|>text<|"|>,n:1} into JSON: strings get real quotes, bare keys too.
std::string as_json(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i, kQuote.size()) == kQuote) {
      const size_t end = text.find(kQuote, i + kQuote.size());
      if (end == std::string_view::npos) return "";
      out += python_json(Json(std::string(text.substr(i + kQuote.size(), end - i - kQuote.size()))));
      i = end + kQuote.size();
    } else if (word_char(text[i]) && !std::isdigit(static_cast<unsigned char>(text[i]))) {
      size_t end = i;
      while (end < text.size() && word_char(text[end])) ++end;
      const std::string word(text.substr(i, end - i));
      const size_t next = text.find_first_not_of(" \t\r\n", end);
      const bool key = next != std::string_view::npos && text[next] == ':';
      out += key ? "\"" + word + "\"" : word;
      i = end;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::optional<FunctionCalls> extract(std::string_view text) {
  FunctionCalls calls;
  TextScanner scanner(text);
  while (scanner.find("<|tool_call>call:")) {
    const std::string_view name = scanner.run_without("{ \t\r\n");
    if (name.empty() || !scanner.accept("{")) continue;
    const auto inner = scanner.until("}<tool_call|>");
    if (!inner) break;
    std::optional<Json> arguments = try_json(as_json("{" + std::string(trim(*inner)) + "}"));
    if (!arguments) arguments = try_json(trim(*inner));
    calls.push_back({std::string(name), arguments ? python_json(*arguments) : std::string(trim(*inner))});
  }
  if (calls.empty()) return std::nullopt;
  return calls;
}

}  // namespace

extern const ToolFormatEntry entry_gemma4_tools;
const ToolFormatEntry entry_gemma4_tools{"gemma4", "call:NAME{key:value}", tool_text, call_text, extract};

}  // namespace lf
