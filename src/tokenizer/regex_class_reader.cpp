// Reading [...] of a regular expression.
#include "base/error.h"
#include "base/strings.h"
#include "tokenizer/regex_classes.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

using icu::UnicodeSet;

constexpr int kDeepest = 100;

class ClassReader {
 public:
  ClassReader(std::string_view pattern, size_t at, const std::string& where) : in_(pattern), where_(where), at_(at) {}

  size_t at() const { return at_; }

  /// At '['.
  CharacterClass read(int depth = 0) {
    LF_CHECK(kFormat, depth < kDeepest, "{}: classes nested deeper than {} in a regular expression", where_, kDeepest);
    ++at_;
    const bool negated = peek() == '^';
    at_ += negated;
    CharacterClass part, whole;
    bool intersected = false;
    if (peek() == ']') add_literal(part);
    while (peek() != ']') {
      LF_CHECK(kFormat, at_ < in_.size(), "{}: a class without ] in a regular expression", where_);
      if (in_.substr(at_, 2) == "&&") {
        at_ += 2;
        meet(whole, std::exchange(part, {}), std::exchange(intersected, true));
      } else {
        add_item(part, depth);
      }
    }
    ++at_;
    if (intersected) {
      meet(whole, std::move(part), true);
      part = std::move(whole);
    }
    if (negated) return {std::move(part.set.complement()), part.items.empty() ? "" : "^" + part.items};
    return part;
  }

 private:
  char peek() const { return at_ < in_.size() ? in_[at_] : '\0'; }

  static void meet(CharacterClass& whole, CharacterClass part, bool more) {
    if (more)
      whole.set.retainAll(part.set);
    else
      whole.set = std::move(part.set);
    whole.items.clear();
  }

  /// A union; the short form goes when one of the two has none.
  static void join(CharacterClass& to, const CharacterClass& from) {
    const bool shorts = (to.set.isEmpty() || !to.items.empty()) && !from.items.empty() && from.items[0] != '^';
    to.set.addAll(from.set);
    to.items = shorts ? to.items + from.items : "";
  }

  void add_item(CharacterClass& to, int depth) {
    if (in_[at_] == '[') {
      const size_t colon = in_.substr(at_, 2) == "[:" ? in_.find(":]", at_) : std::string_view::npos;
      return join(to, colon == std::string_view::npos ? read(depth + 1) : posix(colon));
    }
    if (in_[at_] == '\\') {
      LF_CHECK(kFormat, at_ + 1 < in_.size(), "{}: the regular expression ends in a backslash", where_);
      const char c = in_[at_ + 1];
      if (std::string_view("sdwh").find(c) != std::string_view::npos) {
        at_ += 2;
        return join(to, escape_class(c, true));
      }
      if (std::string_view("SDWH").find(c) != std::string_view::npos) {
        at_ += 2;
        return join(to, {escape_class(static_cast<char>(c | 0x20), true).set.complement(), ""});
      }
      if (c == 'p' || c == 'P') return join(to, property());
    }
    add_literal(to);
  }

  CharacterClass posix(size_t end) {
    std::string_view name = in_.substr(at_ + 2, end - at_ - 2);
    at_ = end + 2;
    const bool negated = name.starts_with("^");
    name.remove_prefix(negated);
    CharacterClass known = named_class(name == "punct" ? kPosixPunctuation : name, where_);
    if (negated) return {known.set.complement(), ""};
    return known;
  }

  CharacterClass property() {
    const bool upper = in_[at_ + 1] == 'P';
    at_ += 2;
    LF_CHECK(kFormat, peek() == '{', "{}: \\p without {{ in a class of a regular expression", where_);
    const size_t end = in_.find('}', at_);
    LF_CHECK(kFormat, end != std::string_view::npos, "{}: {{ without }} in a regular expression", where_);
    std::string_view name = in_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    const bool caret = name.starts_with("^");
    name.remove_prefix(caret);
    CharacterClass known = named_class(name, where_);
    if (upper != caret) return {known.set.complement(), ""};
    return known;
  }

  /// One character, or a range of them.
  void add_literal(CharacterClass& to) {
    const char32_t first = character();
    char32_t last = first;
    const bool range = peek() == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']' && in_.substr(at_ + 1, 2) != "&&";
    if (range) {
      ++at_;
      last = character();
      LF_CHECK(kFormat, first <= last, "{}: an empty range in a class of a regular expression", where_);
    }
    CharacterClass one{UnicodeSet(static_cast<UChar32>(first), static_cast<UChar32>(last)), literal_text(first)};
    if (last > first) one.items += "-" + literal_text(last);
    join(to, one);
  }

  char32_t character() {
    LF_CHECK(kFormat, at_ < in_.size(), "{}: a class without ] in a regular expression", where_);
    if (in_[at_] != '\\') {
      const CodePoint point = code_point_at(in_, at_);
      at_ += point.bytes;
      return point.value;
    }
    ++at_;
    if (peek() != 'b') return read_escaped_character(in_, at_, where_);
    ++at_;
    return '\b';
  }

  std::string_view in_;
  const std::string& where_;
  size_t at_;
};

/// The value of the digits of `base` at text[at]; `at` moves behind them, at most `most` of them.
char32_t read_digits(std::string_view text, size_t& at, uint32_t base, size_t most) {
  char32_t value = 0;
  for (size_t count = 0; count < most && at < text.size(); ++count, ++at) {
    const char c = text[at];
    const uint32_t digit = c >= '0' && c <= '9'   ? static_cast<uint32_t>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10)
                           : c >= 'A' && c <= 'F' ? static_cast<uint32_t>(c - 'A' + 10)
                                                  : base;
    if (digit >= base) break;
    value = value * base + digit;
  }
  return value;
}

}  // namespace

CharacterClass read_class(std::string_view pattern, size_t& at, const std::string& where) {
  ClassReader reader(pattern, at, where);
  CharacterClass made = reader.read();
  at = reader.at();
  return made;
}

char32_t read_escaped_character(std::string_view pattern, size_t& at, const std::string& where) {
  LF_CHECK(kFormat, at < pattern.size(), "{}: the regular expression ends in a backslash", where);
  static constexpr std::pair<char, char32_t> kNames[] = {{'t', 9},  {'n', 10}, {'v', 11},  {'f', 12},
                                                         {'r', 13}, {'a', 7},  {'e', 0x1B}};
  const char c = pattern[at];
  for (const auto& [name, value] : kNames) {
    if (c == name) return ++at, value;
  }
  const size_t begin = at;
  char32_t value = 0;
  if (c == 'u') {
    value = read_digits(pattern, ++at, 16, 4);
    LF_CHECK(kFormat, at == begin + 5, "{}: \\u without four hex digits in a regular expression", where);
  } else if (c == 'x' && at + 1 < pattern.size() && pattern[at + 1] == '{') {
    at += 2;
    value = read_digits(pattern, at, 16, 8);
    LF_CHECK(kFormat, at > begin + 2 && at < pattern.size() && pattern[at] == '}' && value < 0x110000,
             "{}: \\x{{...}} is not a code point in a regular expression", where);
    ++at;
  } else if (c == 'x' || (c >= '0' && c <= '7')) {
    value = c == 'x' ? read_digits(pattern, ++at, 16, 2) : read_digits(pattern, at, 8, 3);
    LF_CHECK(kUnsupported, value < 0x80,
             "{}: the byte \\x{:02x} in a regular expression is not supported; write \\u{:04x}", where,
             static_cast<uint32_t>(value), static_cast<uint32_t>(value));
  } else {
    const CodePoint point = code_point_at(pattern, at);
    at += point.bytes;
    return point.value;
  }
  LF_CHECK(kFormat, value < 0xD800 || value > 0xDFFF, "{}: a surrogate in a regular expression", where);
  return value;
}

std::string literal_text(char32_t c) {
  const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return plain ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{{{:x}}}", static_cast<uint32_t>(c));
}

}  // namespace lf
