// See tool_format_helpers.h.
#include "templates/tool_format_helpers.h"

#include <cctype>

#include "base/error.h"
#include "base/strings.h"

namespace lf {

std::optional<Json> try_json(std::string_view text) {
  try {
    return parse_json(text, "call", {.max_depth = 128, .allow_duplicate_keys = true});
  } catch (const Error&) {
    return std::nullopt;
  }
}

const Json& unwrapped_tool(const Json& tool) {
  LF_CHECK(kData, tool.is_object(), "a tool description must be a JSON object but is {}",
           printable(python_json(tool), 80));
  auto type = tool.find("type");
  if (type == tool.end() || *type != "function") return tool;
  auto function = tool.find("function");
  LF_CHECK(kData, function != tool.end() && function->is_object(),
           "a tool of type \"function\" needs an object \"function\": {}", printable(python_json(tool), 120));
  return *function;
}

Json wrapped_tool(const Json& tool) {
  LF_CHECK(kData, tool.is_object(), "a tool description must be a JSON object but is {}",
           printable(python_json(tool), 80));
  auto type = tool.find("type");
  if (type != tool.end() && *type == "function") return tool;
  Json wrapped;
  wrapped["type"] = "function";
  wrapped["function"] = tool;
  return wrapped;
}

const Json& tool_member(const Json& tool, const std::string& key) {
  auto member = tool.is_object() ? tool.find(key) : tool.end();
  LF_CHECK(kData, tool.is_object() && member != tool.end(), "a tool description lacks \"{}\": {}", key,
           printable(python_json(tool), 120));
  return *member;
}

std::string tool_name(const Json& function) { return python_str(tool_member(function, "name")); }

namespace {

std::string python_quoted(const std::string& text) {
  const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
  std::string out(1, quote);
  for (char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\\' || c == quote)
      (out += '\\') += c;
    else
      out += c;
  }
  return out + quote;
}

std::string python_repr(const Json& value) {
  if (value.is_string()) return python_quoted(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_null()) return "None";
  if (!value.is_structured()) return python_json(value);
  std::string out(1, value.is_array() ? '[' : '{');
  for (auto it = value.begin(); it != value.end(); ++it) {
    if (it != value.begin()) out += ", ";
    if (value.is_object()) out += python_quoted(it.key()) + ": ";
    out += python_repr(*it);
  }
  return out + (value.is_array() ? ']' : '}');
}

}  // namespace

std::string python_str(const Json& value) { return value.is_string() ? value.get<std::string>() : python_repr(value); }

std::string call_object(const FunctionCall& call, const char* arguments_key) {
  Json object;
  object["name"] = call.name;
  object[arguments_key] = parse_json(call.arguments, "arguments of " + printable(call.name));
  return python_json(object);
}

std::vector<std::pair<std::string, Json>> call_arguments(const FunctionCall& call) {
  const Json arguments = parse_json(call.arguments, "arguments of " + printable(call.name));
  LF_CHECK(kData, arguments.is_object(), "the arguments of the call of '{}' must be a JSON object but are {}",
           printable(call.name), printable(call.arguments, 80));
  std::vector<std::pair<std::string, Json>> members;
  for (auto it = arguments.begin(); it != arguments.end(); ++it) members.emplace_back(it.key(), *it);
  return members;
}

std::string tag_value(const Json& value) { return value.is_string() ? value.get<std::string>() : python_json(value); }

std::optional<FunctionCalls> calls_from_json(const Json& value, const char* arguments_key) {
  FunctionCalls calls;
  const Json list = value.is_array() ? value : Json::array({value});
  for (const Json& item : list) {
    if (!item.is_object() || !item.contains("name") || !item.contains(arguments_key)) return std::nullopt;
    calls.push_back({python_str(item["name"]), python_json(item[arguments_key])});
  }
  return calls;
}

bool TextScanner::find(std::string_view mark) {
  const size_t found = text_.find(mark, at_);
  if (found == std::string_view::npos) return false;
  at_ = found + mark.size();
  return true;
}

bool TextScanner::accept(std::string_view mark) {
  if (text_.substr(at_, mark.size()) != mark) return false;
  at_ += mark.size();
  return true;
}

void TextScanner::skip_blanks() {
  while (at_ < text_.size() && std::string_view(" \t\r\n\f\v").find(text_[at_]) != std::string_view::npos) ++at_;
}

std::optional<std::string_view> TextScanner::until(std::string_view mark) {
  const size_t found = text_.find(mark, at_);
  if (found == std::string_view::npos) return std::nullopt;
  const std::string_view between = text_.substr(at_, found - at_);
  at_ = found + mark.size();
  return between;
}

std::string_view TextScanner::identifier() {
  size_t end = at_;
  while (end < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[end])) || text_[end] == '_')) ++end;
  const std::string_view name = text_.substr(at_, end - at_);
  at_ = end;
  return name;
}

std::string_view TextScanner::run_without(std::string_view stops) {
  const size_t end = std::min(text_.find_first_of(stops, at_), text_.size());
  const std::string_view run = text_.substr(at_, end - at_);
  at_ = end;
  return run;
}

Json tagged_arguments(std::string_view block, std::string_view open, std::string_view close_key, std::string_view end,
                      bool trim_text) {
  Json arguments = Json::object();
  TextScanner scanner(block);
  while (scanner.find(open)) {
    const auto key = scanner.until(close_key);
    const auto value = key ? scanner.until(end) : std::nullopt;
    if (!value) break;
    const std::string_view trimmed = trim(*value);
    std::optional<Json> parsed = try_json(trimmed);
    arguments[std::string(*key)] = parsed ? *parsed : Json(std::string(trim_text ? trimmed : *value));
  }
  return arguments;
}

namespace {

/// Text up to the first `</function>` that `close` follows, moving behind both.
std::optional<std::string_view> function_block(TextScanner& scanner, std::string_view close) {
  constexpr std::string_view kEnd = "</function>";
  const std::string_view rest = scanner.rest();
  const size_t start = scanner.position();
  while (scanner.find(kEnd)) {
    const size_t end = scanner.position();
    scanner.skip_blanks();
    if (scanner.accept(close)) return rest.substr(0, end - start - kEnd.size());
    scanner.rewind(end);
  }
  return std::nullopt;
}

}  // namespace

std::optional<FunctionCalls> function_tag_calls(std::string_view text, std::string_view open, std::string_view close,
                                                bool trim_text) {
  FunctionCalls calls;
  TextScanner scanner(text);
  while (scanner.find(open)) {
    const size_t after_open = scanner.position();
    scanner.skip_blanks();
    if (!scanner.accept("<function=")) continue;
    scanner.skip_blanks();
    const std::string_view name = scanner.run_without("<> \t\r\n");
    const auto block = name.empty() ? std::nullopt : function_block(scanner, close);
    if (!block) {
      scanner.rewind(after_open);
      continue;
    }
    const Json arguments = tagged_arguments(*block, "<parameter=", ">", "</parameter>", trim_text);
    calls.push_back({std::string(name), python_json(arguments)});
  }
  if (calls.empty()) return std::nullopt;
  return calls;
}

const char* const kQwenToolsHead =
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";
const char* const kQwenToolsTail =
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
    "<tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n"
    "</tool_call>";

std::string qwen_tool_lines(const Json& tools) {
  std::string lines;
  for (const Json& tool : tools) lines += "\n" + python_json(wrapped_tool(tool));
  return lines;
}

std::string qwen_call_text(const FunctionCalls& calls) {
  std::vector<std::string> parts;
  for (const FunctionCall& call : calls) {
    parts.push_back("<tool_call>\n" + call_object(call, "arguments") + "\n</tool_call>");
  }
  return join(parts, "\n");
}

std::optional<FunctionCalls> qwen_extract(std::string_view text) {
  constexpr std::string_view kOpen = "<tool_call>";
  FunctionCalls calls;
  TextScanner scanner(text);
  while (scanner.find(kOpen)) {
    const size_t start = scanner.position();
    // The closing tag that counts is the first one that a new call or the end of the text follows.
    bool closed = false;
    while (!closed && scanner.find("</tool_call>")) {
      const size_t end = scanner.position();
      scanner.skip_blanks();
      closed = scanner.rest().empty() || scanner.rest().substr(0, kOpen.size()) == kOpen;
      scanner.rewind(end);
    }
    if (!closed) {
      scanner.rewind(start);
      continue;
    }
    const std::string_view body =
        text.substr(start, scanner.position() - start - std::string_view("</tool_call>").size());
    const std::optional<Json> call = try_json(trim(body));
    if (!call || !call->is_object()) return std::nullopt;
    const auto read = calls_from_json(*call, "arguments");
    if (!read) return std::nullopt;
    calls.push_back(read->front());
  }
  if (calls.empty()) return std::nullopt;
  return calls;
}

}  // namespace lf
