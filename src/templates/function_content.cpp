// See function_content.h.
#include "templates/function_content.h"

#include "base/error.h"
#include "base/strings.h"
#include "templates/tool_format_helpers.h"

namespace lf {
namespace {

FunctionCall one_call(const Json& object, std::string_view source) {
  LF_CHECK(kData, object.is_object() && object.contains("name") && object.contains("arguments"),
           "a function message must hold objects with \"name\" and \"arguments\": {}", printable(source));
  LF_CHECK(kData, object["name"].is_string(), "the \"name\" of a function call must be a text: {}", printable(source));
  const Json& arguments = object["arguments"];
  if (arguments.is_string()) {
    if (const auto parsed = try_json(arguments.get_ref<const std::string&>())) {
      return {object["name"], python_json(*parsed)};
    }
  }
  return {object["name"], python_json(arguments)};
}

}  // namespace

FunctionCalls parse_function_calls(std::string_view json) {
  const std::optional<Json> value = try_json(json);
  LF_CHECK(kData, value.has_value(), "Invalid JSON format in function message: {}", printable(json));
  FunctionCalls calls;
  if (!value->is_array()) return {one_call(*value, json)};
  for (const Json& object : *value) calls.push_back(one_call(object, json));
  return calls;
}

std::optional<WordBlock> find_block(std::string_view text, const WordPair& words, size_t from) {
  if (words.first.empty() || words.second.empty()) return std::nullopt;
  const size_t begin = text.find(words.first, from);
  if (begin == std::string_view::npos) return std::nullopt;
  const size_t inner = begin + words.first.size();
  const size_t inner_end = text.find(words.second, inner);
  if (inner_end == std::string_view::npos) return std::nullopt;
  return WordBlock{begin, inner, inner_end, inner_end + words.second.size()};
}

std::string function_content_text(const std::string& content, const ToolFormatEntry& format,
                                  const WordPair* thought_words, const WordPair* tool_call_words) {
  if (const auto call = tool_call_words ? find_block(content, *tool_call_words) : std::nullopt) {
    const std::string block = content.substr(call->begin, call->end - call->begin);
    const std::string json = content.substr(call->inner_begin, call->inner_end - call->inner_begin);
    return replace_all(content, block, "") + format.call_text(parse_function_calls(json));
  }
  const auto thought = thought_words ? find_block(content, *thought_words) : std::nullopt;
  if (!thought) return format.call_text(parse_function_calls(content));
  const std::string block = content.substr(thought->begin, thought->end - thought->begin);
  return block + format.call_text(parse_function_calls(replace_all(content, block, "")));
}

}  // namespace lf
