// Template text to tokens, as jinja2's lexer with trim_blocks and lstrip_blocks.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace lf::jinja {

enum class TokenType {
  kData,
  kBlockBegin,
  kBlockEnd,
  kVariableBegin,
  kVariableEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd
};

struct Token {
  TokenType type = TokenType::kEnd;
  std::string text;  // of a string: the value; of a number: its digits without underscores
  int line = 1;
};

/// kConfig with line and excerpt when the text is no template.
std::vector<Token> tokenize(std::string_view source);
/// Template errors: "line 3: message (near: ...)".
[[noreturn]] void syntax_error(std::string_view source, int line, const std::string& message);
/// "\n" to all line ends, and the last one dropped.
std::string normalized_source(std::string_view source);
/// The value of a string literal between its quotes; false (and a reason) for a broken escape.
bool unescape(std::string_view raw, std::string& out, std::string& reason);

}  // namespace lf::jinja
