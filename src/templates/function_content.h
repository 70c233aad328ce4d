// Messages of role `function`: a JSON call or list of calls, perhaps behind a thought or between tool-call words.
#pragma once
#include <string>
#include <string_view>
#include <utility>

#include "templates/function_call.h"
#include "templates/tool_format.h"

namespace lf {

using WordPair = std::pair<std::string, std::string>;

/// The calls of {"name": N, "arguments": A} or a list of them. Arguments given as a JSON string are parsed once.
/// kData, quoting the text, when it is not such JSON.
FunctionCalls parse_function_calls(std::string_view json);

/// Text of the assistant turn for a function message. Null words mean that such blocks are not looked for.
std::string function_content_text(const std::string& content, const ToolFormatEntry& format,
                                  const WordPair* thought_words, const WordPair* tool_call_words);

/// A block between two words in a text: [begin, end) with the words, [inner_begin, inner_end) without them.
struct WordBlock {
  size_t begin = 0, inner_begin = 0, inner_end = 0, end = 0;
};
/// First block, from `from` on; nullopt when there is none. Empty words never match.
std::optional<WordBlock> find_block(std::string_view text, const WordPair& words, size_t from = 0);

}  // namespace lf
