// Oniguruma's Ruby syntax in PCRE2's words. Classes become sets (regex_classes.h). What else differs: {n,m}+ repeats
// the repeat and {n}? makes it optional, (?m) lets the dot match newlines, (?i) without a colon holds to the end of its
// group, letters behind a backslash stand for themselves unless they have a meaning, \v is one character.
#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "tokenizer/regex.h"
#include "tokenizer/regex_classes.h"
#include "tokenizer/unicode.h"

namespace lf {
namespace {

constexpr size_t kMaxRewritten = size_t{1} << 20;

class Rewriter {
 public:
  Rewriter(std::string_view pattern, const std::string& where) : in_(pattern), where_(where) {}

  std::string run() {
    while (at_ < in_.size()) {
      step();
      LF_CHECK(kFormat, out_.size() <= kMaxRewritten, "{}: a regular expression of more than {} bytes when written out",
               where_, kMaxRewritten);
    }
    out_.append(open_options_, ')');
    return std::move(out_);
  }

 private:
  struct Group {
    size_t begin;         // in out_
    size_t open_options;  // of the group around it
  };

  void step() {
    const char c = in_[at_];
    if (c == '\\') {
      atom_ = out_.size();
      escape();
    } else if (c == '[') {
      atom_ = out_.size();
      out_ += read_class(in_, at_, where_).text();
    } else if (c == '(') {
      open_group();
    } else if (c == ')') {
      close_group();
    } else if (c == '{') {
      braces();
    } else if (c == '+' || c == '*' || c == '?' || c == '|') {
      out_ += in_[at_++];
    } else {
      atom_ = out_.size();
      const uint32_t bytes = code_point_at(in_, at_).bytes;
      out_ += in_.substr(at_, bytes);
      at_ += bytes;
    }
  }

  void open_group() {
    if (in_.substr(at_, 3) == "(?#") {
      const size_t end = in_.find(')', at_);
      LF_CHECK(kFormat, end != std::string_view::npos, "{}: a comment without ) in a regular expression", where_);
      at_ = end + 1;
      return;
    }
    const size_t flags_end = in_.find_first_not_of("imxs-", at_ + 2);
    const bool flags = in_.substr(at_, 2) == "(?" && flags_end != std::string_view::npos && flags_end > at_ + 2 &&
                       (in_[flags_end] == ':' || in_[flags_end] == ')');
    if (!flags) {
      groups_.push_back({out_.size(), std::exchange(open_options_, 0)});
      out_ += in_[at_++];
      if (peek() == '?') copy_group_kind();
      return;
    }
    std::string names(in_.substr(at_ + 2, flags_end - at_ - 2));
    LF_CHECK(kFormat, names.find('s') == std::string::npos, "{}: (?s) is not an option of this syntax", where_);
    std::replace(names.begin(), names.end(), 'm', 's');
    if (in_[flags_end] == ')')
      ++open_options_;
    else
      groups_.push_back({out_.size(), std::exchange(open_options_, 0)});
    out_ += "(?" + names + ":";
    at_ = flags_end + 1;
  }

  /// What follows "(": "?:", "?=", "?<!", "?<name>" ...
  void copy_group_kind() {
    out_ += in_[at_++];
    if (peek() == '~') unsupported("an absent operator");
    if (std::string_view(":=!>|&PR").find(peek()) != std::string_view::npos && peek() != '\0') {
      out_ += in_[at_++];
    } else if (peek() == '<' || peek() == '\'') {
      out_ += in_[at_++];
      if (peek() == '=' || peek() == '!') out_ += in_[at_++];
    }
  }

  void close_group() {
    out_.append(open_options_, ')');
    open_options_ = 0;
    atom_ = out_.size();
    if (!groups_.empty()) {
      atom_ = groups_.back().begin;
      open_options_ = groups_.back().open_options;
      groups_.pop_back();
    }
    out_ += in_[at_++];
  }

  void escape() {
    LF_CHECK(kFormat, at_ + 1 < in_.size(), "{}: the regular expression ends in a backslash", where_);
    const char c = in_[at_ + 1];
    const std::string_view text = in_.substr(at_, 2);
    const bool backreference = c >= '1' && c <= '9';
    if (std::string_view("sdwh").find(c) != std::string_view::npos) {
      out_ += escape_class(c, false).text();
    } else if (std::string_view("SDWH").find(c) != std::string_view::npos) {
      out_ += escape_class(static_cast<char>(c | 0x20), false).text(true);
    } else if (c == 'p' || c == 'P') {
      return property();
    } else if (c == 'b' || c == 'B') {
      boundary(c);
    } else if (c == 'O') {
      out_ += "(?s:.)";
    } else if (c == 'X') {
      out_ += grapheme_expression();
    } else if (c == 'y' || c == 'Y') {
      unsupported("\\y");
    } else if (backreference || std::string_view("AzZGKRN").find(c) != std::string_view::npos) {
      out_ += text;
    } else if ((c == 'k' || c == 'g') && in_.substr(at_ + 2, 1) == "<") {
      out_ += text;
    } else {
      ++at_;
      out_ += literal_text(read_escaped_character(in_, at_, where_));
      return;
    }
    at_ += 2;
  }

  /// \b and \B, with this syntax's idea of a word.
  void boundary(char c) {
    const std::string word = escape_class('w', false).text();
    const std::string_view after_word = c == 'b' ? "!" : "=", after_other = c == 'b' ? "=" : "!";
    out_ += fmt::format("(?:(?<={0})(?{1}{0})|(?<!{0})(?{2}{0}))", word, after_word, after_other);
  }

  /// \p{Name}, \p{^Name}, \P{Name}. Without braces it is the letter p.
  void property() {
    const bool upper = in_[at_ + 1] == 'P';
    if (in_.substr(at_ + 2, 1) != "{") {
      out_ += upper ? 'P' : 'p';
      at_ += 2;
      return;
    }
    const size_t end = in_.find('}', at_);
    LF_CHECK(kFormat, end != std::string_view::npos, "{}: {{ without }} in a regular expression", where_);
    std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
    const bool caret = name.starts_with("^");
    name.remove_prefix(caret);
    out_ += named_class(name, where_).text(upper != caret);
    at_ = end + 1;
  }

  /// `x{n,m}+` means `(?:x{n,m})+` here, and `x{n}?` means `(?:x{n})?`.
  void braces() {
    const size_t end = in_.find('}', at_);
    const std::string_view counts =
        end == std::string_view::npos ? std::string_view() : in_.substr(at_ + 1, end - at_ - 1);
    if (counts.empty() || counts == "," || counts.find_first_not_of("0123456789,") != std::string_view::npos) {
      atom_ = out_.size();
      out_ += "\\{";
      ++at_;
      return;
    }
    out_ += counts[0] == ',' ? "{0" : "{";
    out_ += counts;
    out_ += '}';
    at_ = end + 1;
    if (peek() == '+' || (peek() == '?' && counts.find(',') == std::string_view::npos)) {
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
  std::vector<Group> groups_;
  size_t open_options_ = 0;  // option groups that end with the group we are in
  size_t at_ = 0;
  size_t atom_ = 0;  // where the last repeatable item begins in out_
};

}  // namespace

std::string onig_to_pcre2(std::string_view pattern, const std::string& where) { return Rewriter(pattern, where).run(); }

}  // namespace lf
