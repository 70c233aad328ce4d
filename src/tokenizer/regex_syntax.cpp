// Oniguruma's Ruby syntax in PCRE2's words. The differences that published files rely on: \s is White_Space (PCRE2 adds
// U+180E), \w takes marks and connectors, \h is a hex digit, {n,m}+ repeats the repeat instead of being possessive,
// [a[b]] is a union.
#include <unicode/uchar.h>

#include "base/error.h"
#include "base/strings.h"
#include "tokenizer/regex.h"

namespace lf {
namespace {

const std::string kWord = R"(\p{L}\p{M}\p{N}\p{Pc})";

class Rewriter {
 public:
  Rewriter(std::string_view pattern, const std::string& where) : in_(pattern), where_(where) {}

  std::string run() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = in_[at_];
    if (c == '\\') {
      atom_ = out_.size();
      escape(false);
    } else if (c == '[') {
      atom_ = out_.size();
      character_class();
    } else if (c == '(') {
      groups_.push_back(out_.size());
      out_ += in_[at_++];
    } else if (c == ')') {
      atom_ = groups_.empty() ? out_.size() : groups_.back();
      if (!groups_.empty()) groups_.pop_back();
      out_ += in_[at_++];
    } else if (c == '{') {
      braces();
    } else if (c == '+' || c == '*' || c == '?' || c == '|') {
      out_ += in_[at_++];
    } else {
      atom_ = out_.size();
      do out_ += in_[at_++];
      while (at_ < in_.size() && (static_cast<unsigned char>(in_[at_]) & 0xC0) == 0x80);
    }
  }

  void escape(bool in_class) {
    LF_CHECK(kFormat, at_ + 1 < in_.size(), "{}: the regular expression ends in a backslash", where_);
    const char c = in_[at_ + 1];
    at_ += 2;
    switch (c) {
      case 's':
        out_ += "\\p{White_Space}";
        break;
      case 'S':
        out_ += "\\P{White_Space}";
        break;
      case 'd':
        out_ += "\\p{Nd}";
        break;
      case 'D':
        out_ += "\\P{Nd}";
        break;
      case 'h':
        out_ += in_class ? "0-9a-fA-F" : "[0-9a-fA-F]";
        break;
      case 'w':
        out_ += in_class ? kWord : "[" + kWord + "]";
        break;
      case 'W':
        if (in_class) unsupported("\\W in a class");
        out_ += "[^" + kWord + "]";
        break;
      case 'b':
      case 'B':
        boundary(c, in_class);
        break;
      case 'p':
      case 'P':
        property(c);
        break;
      case 'u':
        unicode_escape();
        break;
      case 'X':
        unsupported("\\X");
      default:
        (out_ += '\\') += c;
        if (peek() == '{' && std::string_view("xo").find(c) != std::string_view::npos) braced_name();
    }
  }

  /// \uHHHH
  void unicode_escape() {
    const std::string_view digits = in_.substr(at_, 4);
    LF_CHECK(kFormat,
             digits.size() == 4 && digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos,
             "{}: \\u without four hex digits in a regular expression", where_);
    (out_ += "\\x{") += digits;
    out_ += '}';
    at_ += 4;
  }

  /// \b and \B, with this syntax's idea of a word.
  void boundary(char c, bool in_class) {
    if (in_class) {
      out_ += "\\x08";
      return;
    }
    const std::string word = "[" + kWord + "]";
    const std::string_view after_word = c == 'b' ? "!" : "=", after_other = c == 'b' ? "=" : "!";
    out_ += fmt::format("(?:(?<={0})(?{1}{0})|(?<!{0})(?{2}{0}))", word, after_word, after_other);
  }

  /// \p{Name}: a script means the Script property, not its extensions.
  void property(char c) {
    (out_ += '\\') += c;
    if (peek() != '{') return;
    const size_t begin = out_.size();
    braced_name();
    const bool negated = out_.substr(begin, 2) == "{^";
    const std::string name = out_.substr(begin + (negated ? 2 : 1), out_.size() - begin - (negated ? 3 : 2));
    if (u_getPropertyValueEnum(UCHAR_SCRIPT, name.c_str()) == UCHAR_INVALID_CODE) return;
    out_.replace(begin, std::string::npos, (negated ? "{^sc:" : "{sc:") + name + "}");
  }

  /// The {Name} that follows.
  void braced_name() {
    const size_t end = in_.find('}', at_);
    LF_CHECK(kFormat, end != std::string_view::npos, "{}: {{ without }} in a regular expression", where_);
    out_ += in_.substr(at_, end + 1 - at_);
    at_ = end + 1;
  }

  void character_class() {
    out_ += in_[at_++];
    if (peek() == '^') out_ += in_[at_++];
    if (peek() == ']') {
      out_ += "\\]";
      ++at_;
    }
    for (int open = 1; at_ < in_.size();) {
      if (in_[at_] == '\\') {
        escape(true);
      } else if (in_.substr(at_, 2) == "&&") {
        unsupported("&& in a class");
      } else if (in_.substr(at_, 2) == "[:") {
        const size_t end = in_.find(":]", at_);
        LF_CHECK(kFormat, end != std::string_view::npos, "{}: [: without :] in a regular expression", where_);
        out_ += posix_class(in_.substr(at_, end + 2 - at_));
        at_ = end + 2;
      } else if (in_[at_] == '[') {
        if (in_.substr(at_, 2) == "[^") unsupported("a negated class in a class");
        ++open;  // a union: the inner brackets are dropped
        ++at_;
      } else if (in_[at_] == ']') {
        ++at_;
        if (--open == 0) {
          out_ += ']';
          return;
        }
      } else {
        out_ += in_[at_++];
      }
    }
    throw_error(ErrorKind::kFormat, "{}: a class without ] in a regular expression", where_);
  }

  static std::string_view posix_class(std::string_view name) {
    if (name == "[:punct:]") return "\\p{P}\\p{S}";
    if (name == "[:space:]") return "\\p{White_Space}";
    if (name == "[:word:]") return kWord;
    return name;
  }

  /// `x{n,m}+` means `(?:x{n,m})+` here.
  void braces() {
    const size_t end = in_.find('}', at_);
    if (end == std::string_view::npos ||
        in_.substr(at_ + 1, end - at_ - 1).find_first_not_of("0123456789,") != std::string_view::npos) {
      atom_ = out_.size();
      out_ += "\\{";
      ++at_;
      return;
    }
    out_ += in_.substr(at_, 2) == "{," ? "{0" : "{";
    out_ += in_.substr(at_ + 1, end - at_);
    at_ = end + 1;
    if (peek() == '+') {
      out_.insert(atom_, "(?:");
      out_ += ")";
    }
  }

  char peek() const { return at_ < in_.size() ? in_[at_] : '\0'; }
  [[noreturn]] void unsupported(const char* what) const {
    throw_error(ErrorKind::kUnsupported, "{}: {} in the regular expression {} is not supported", where_, what,
                printable(in_));
  }

  std::string_view in_;
  const std::string& where_;
  std::string out_;
  std::vector<size_t> groups_;  // where open groups begin in out_
  size_t at_ = 0;
  size_t atom_ = 0;  // where the last repeatable item begins in out_
};

}  // namespace

std::string onig_to_pcre2(std::string_view pattern, const std::string& where) { return Rewriter(pattern, where).run(); }

}  // namespace lf
