// What several tool formats share: reading tool descriptions, JSON that may be broken, tags around values.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "templates/function_call.h"

namespace lf {

/// json.loads: duplicate keys keep the last value; nullopt when `text` is not JSON.
std::optional<Json> try_json(std::string_view text);

/// The function object of a tool: {"type": "function", "function": F} -> F, anything else as it is.
const Json& unwrapped_tool(const Json& tool);
/// The opposite: F -> {"type": "function", "function": F}.
Json wrapped_tool(const Json& tool);
/// member `key` of a tool description; kData naming the tool when it is missing.
const Json& tool_member(const Json& tool, const std::string& key);
/// Name of a tool (of its function object).
std::string tool_name(const Json& function);

/// Python's str(value): strings as they are, lists and objects with single quotes, True / False / None.
std::string python_str(const Json& value);

/// {"name": N, ARGUMENTS_KEY: A} for one call, Python's json.dumps spelling.
std::string call_object(const FunctionCall& call, const char* arguments_key);
/// Members of the call's arguments; kData when they are not an object.
std::vector<std::pair<std::string, Json>> call_arguments(const FunctionCall& call);
/// A value between tags: strings raw, everything else as JSON.
std::string tag_value(const Json& value);

/// Reads {"name", ARGUMENTS_KEY} objects (one, or a list); nullopt when a key is missing.
std::optional<FunctionCalls> calls_from_json(const Json& value, const char* arguments_key);

/// Walks through text for hand-written extractors.
class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : text_(text) {}

  /// Moves behind the next `mark`; false (and no move) when there is none.
  bool find(std::string_view mark);
  /// Moves over `mark` if it stands here.
  bool accept(std::string_view mark);
  void skip_blanks();
  /// Text up to the next `mark`, moving behind it; nullopt (and no move) when there is none.
  std::optional<std::string_view> until(std::string_view mark);
  /// The letters, digits and underscores here (ASCII).
  std::string_view identifier();
  /// The longest run here without any of `stops`.
  std::string_view run_without(std::string_view stops);
  std::string_view rest() const { return text_.substr(at_); }
  size_t position() const { return at_; }
  void rewind(size_t position) { at_ = position; }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// Arguments written as OPEN key CLOSE_KEY value END, e.g. <parameter=key>value</parameter>, as one JSON object. Values
/// that are JSON become that value, others stay text (trimmed when `trim_text`).
Json tagged_arguments(std::string_view block, std::string_view open, std::string_view close_key, std::string_view end,
                      bool trim_text);

/// Calls written as OPEN <function=NAME parameters </function> CLOSE (qwen3_5, seed_oss).
std::optional<FunctionCalls> function_tag_calls(std::string_view text, std::string_view open, std::string_view close,
                                                bool trim_text);

/// The two tool texts of the Qwen line: the common instruction, with and without the leading blank lines.
std::string qwen_tool_lines(const Json& tools);
extern const char* const kQwenToolsHead;
extern const char* const kQwenToolsTail;
std::string qwen_call_text(const FunctionCalls& calls);
std::optional<FunctionCalls> qwen_extract(std::string_view text);

}  // namespace lf
