#include "templates/jinja/lexer.h"

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

constexpr std::string_view kOperators[] = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[",
                                           "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ",", ";"};

bool is_digit_char(char c) { return c >= '0' && c <= '9'; }

/// (_?D)* from `at` on; D are the characters of `digits`.
size_t skip_digits(std::string_view text, size_t at, std::string_view digits) {
  for (;;) {
    const size_t skip = at < text.size() && text[at] == '_' ? 1 : 0;
    if (at + skip >= text.size() || digits.find(text[at + skip]) == std::string_view::npos) return at;
    at += skip + 1;
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : text_(source) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) root();
    push(TokenType::kEnd, "");
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { syntax_error(text_, line_, message); }

  std::string_view rest() const { return text_.substr(at_); }
  bool starts(std::string_view what) const { return rest().substr(0, what.size()) == what; }

  void push(TokenType type, std::string text) { tokens_.push_back({type, std::move(text), line_}); }

  void advance(size_t to) {
    for (; at_ < to; ++at_) line_ += text_[at_] == '\n';
    line_starting_ = to > 0 && text_[to - 1] == '\n';
  }

  size_t skip_space(size_t at) const { return text_.size() - strip_left(text_.substr(at)).size(); }

  /// Text up to the next tag, then the tag.
  void root() {
    size_t tag = at_;
    while ((tag = text_.find('{', tag)) != std::string_view::npos) {
      const char next = tag + 1 < text_.size() ? text_[tag + 1] : 0;
      if (next == '%' || next == '#' || next == '{') break;
      ++tag;
    }
    if (tag == std::string_view::npos) {
      push_data(rest());
      advance(text_.size());
      return;
    }
    const char kind = text_[tag + 1];
    const char sign = tag + 2 < text_.size() && (text_[tag + 2] == '-' || text_[tag + 2] == '+') ? text_[tag + 2] : 0;
    push_data(trimmed_data(text_.substr(at_, tag - at_), sign, kind != '{'));
    const size_t raw_end = kind == '%' ? raw_begin(tag) : 0;
    advance(raw_end ? raw_end : tag + 2 + (sign != 0));
    if (raw_end)
      raw();
    else if (kind == '#')
      comment();
    else
      tag_body(kind == '%');
  }

  void push_data(std::string_view data) {
    if (!data.empty()) push(TokenType::kData, std::string(data));
  }

  /// What is left of the text in front of a tag with this sign.
  std::string_view trimmed_data(std::string_view data, char sign, bool block) const {
    if (sign == '-') return strip_right(data);
    if (sign == '+' || !block) return data;
    const size_t newline = data.rfind('\n');
    const size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    if (start == 0 && !line_starting_) return data;
    return strip_left(data.substr(start)).empty() ? data.substr(0, start) : data;
  }

  /// End of `{% raw %}` when one starts at `tag`, else 0.
  size_t raw_begin(size_t tag) const {
    size_t at = tag + 2;
    if (at < text_.size() && (text_[at] == '-' || text_[at] == '+')) ++at;
    at = skip_space(at);
    if (text_.substr(at, 3) != "raw") return 0;
    at = skip_space(at + 3);
    if (text_.substr(at, 3) == "-%}") return skip_space(at + 3);
    return text_.substr(at, 2) == "%}" ? at + 2 : 0;
  }

  /// End of a closing tag `-%}`, `+%}` or `%}` at `at`, with the white space that it takes; 0 when there is none.
  size_t tag_end(size_t at, std::string_view close) const {
    if (at < text_.size() && text_[at] == '-' && text_.substr(at + 1, close.size()) == close)
      return skip_space(at + 1 + close.size());
    if (at < text_.size() && text_[at] == '+' && text_.substr(at + 1, close.size()) == close && close != "}}")
      return at + 1 + close.size();
    if (text_.substr(at, close.size()) != close) return 0;
    at += close.size();
    return close != "}}" && at < text_.size() && text_[at] == '\n' ? at + 1 : at;
  }

  void raw() {
    for (size_t open = text_.find("{%", at_); open != std::string_view::npos; open = text_.find("{%", open + 1)) {
      size_t at = open + 2;
      const char sign = at < text_.size() && (text_[at] == '-' || text_[at] == '+') ? text_[at++] : 0;
      at = skip_space(at);
      if (text_.substr(at, 6) != "endraw") continue;
      const size_t end = tag_end(skip_space(at + 6), "%}");
      if (!end) continue;
      push_data(trimmed_data(text_.substr(at_, open - at_), sign, true));
      return advance(end);
    }
    fail("Missing end of raw directive");
  }

  void comment() {
    for (size_t at = at_; at < text_.size(); ++at) {
      if (const size_t end = tag_end(at, "#}")) return advance(end);
    }
    fail("Missing end of comment tag");
  }

  void tag_body(bool block) {
    push(block ? TokenType::kBlockBegin : TokenType::kVariableBegin, "");
    for (;;) {
      if (at_ >= text_.size()) {
        push(TokenType::kEnd, "");
        return;
      }
      const size_t end = open_.empty() ? tag_end(at_, block ? "%}" : "}}") : 0;
      if (end) {
        push(block ? TokenType::kBlockEnd : TokenType::kVariableEnd, "");
        return advance(end);
      }
      token();
    }
  }

  void token() {
    if (const size_t end = skip_space(at_); end > at_) return advance(end);
    if (number()) return;
    if (name()) return;
    if (text_[at_] == '\'' || text_[at_] == '"') return string();
    for (std::string_view op : kOperators) {
      if (!starts(op)) continue;
      balance(op[0]);
      push(TokenType::kOperator, std::string(op));
      return advance(at_ + op.size());
    }
    fail("unexpected char " + printable(rest().substr(0, code_point_at(text_, at_).bytes)));
  }

  void balance(char c) {
    if (c == '{' || c == '(' || c == '[') {
      open_ += c == '{' ? '}' : c == '(' ? ')' : ']';
    } else if (c == '}' || c == ')' || c == ']') {
      if (open_.empty()) fail(fmt::format("unexpected '{}'", c));
      if (open_.back() != c) fail(fmt::format("unexpected '{}', expected '{}'", c, open_.back()));
      open_.pop_back();
    }
  }

  /// (\d+_)*\d+ from `at` on, 0 when there are no digits.
  size_t float_digits(size_t at) const {
    if (at >= text_.size() || !is_digit_char(text_[at])) return 0;
    size_t end = at;
    while (end < text_.size() && is_digit_char(text_[end])) {
      while (end < text_.size() && is_digit_char(text_[end])) ++end;
      if (end + 1 < text_.size() && text_[end] == '_' && is_digit_char(text_[end + 1]))
        ++end;
      else
        break;
    }
    return end;
  }

  size_t exponent(size_t at) const {
    if (at >= text_.size() || (text_[at] != 'e' && text_[at] != 'E')) return 0;
    ++at;
    if (at < text_.size() && (text_[at] == '+' || text_[at] == '-')) ++at;
    return float_digits(at);
  }

  size_t float_end() const {
    if (at_ > 0 && text_[at_ - 1] == '.') return 0;
    const size_t whole = float_digits(at_);
    if (!whole) return 0;
    const size_t fraction = whole < text_.size() && text_[whole] == '.' ? float_digits(whole + 1) : 0;
    const size_t end = exponent(fraction ? fraction : whole);
    return end ? end : fraction;
  }

  size_t integer_end() const {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    const char next = at_ + 1 < text_.size() ? text_[at_ + 1] | 0x20 : 0;
    if (text_[at_] != '0') return skip_digits(text_, at_ + 1, "0123456789");
    const std::string_view digits = next == 'b' ? "01" : next == 'o' ? "01234567" : next == 'x' ? kHex : "";
    const size_t end = digits.empty() ? 0 : skip_digits(text_, at_ + 2, digits);
    return end > at_ + 2 ? end : skip_digits(text_, at_ + 1, "0");
  }

  bool number() {
    if (!is_digit_char(text_[at_])) return false;
    const size_t float_at = float_end();
    const size_t end = float_at ? float_at : integer_end();
    push(float_at ? TokenType::kFloat : TokenType::kInteger,
         replace_all(std::string(text_.substr(at_, end - at_)), "_", ""));
    advance(end);
    return true;
  }

  bool name() {
    size_t end = at_;
    while (end < text_.size()) {
      const CodePoint point = code_point_at(text_, end);
      std::string one;
      append_utf8(one, point.value);
      if (!is_word_character(point.value) && !is_identifier("_" + one)) break;
      end += point.bytes;
    }
    if (end == at_) return false;
    const std::string_view found = text_.substr(at_, end - at_);
    if (!is_identifier(found)) fail("Invalid character in identifier");
    push(TokenType::kName, std::string(found));
    advance(end);
    return true;
  }

  void string() {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != text_[at_]) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) fail(fmt::format("unexpected char {}: the string does not end", text_[at_]));
    std::string value, reason;
    if (!unescape(text_.substr(at_ + 1, end - at_ - 1), value, reason)) fail(reason);
    push(TokenType::kString, std::move(value));
    advance(end + 1);
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  bool line_starting_ = true;
  std::string open_;  // closing brackets that are still to come
  std::vector<Token> tokens_;
};

}  // namespace

std::string normalized_source(std::string_view source) {
  std::string text = replace_all(replace_all(std::string(source), "\r\n", "\n"), "\r", "\n");
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

void syntax_error(std::string_view source, int line, const std::string& message) {
  const std::vector<std::string> lines = split(source, '\n');
  const std::string excerpt = line >= 1 && line <= static_cast<int>(lines.size()) ? lines[line - 1] : "";
  throw_error(ErrorKind::kConfig, "chat template, line {}: {} (near: {})", line, message, printable(trim(excerpt), 80));
}

}  // namespace lf::jinja
