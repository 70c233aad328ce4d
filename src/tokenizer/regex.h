// Regular expressions of tokenizer files. They are written for Oniguruma (Ruby syntax); the well-known ones have
// matchers of their own, the rest run on PCRE2 (JIT, UTF, match limit) after onig_to_pcre2 has rewritten what the two
// read differently.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/split_matchers.h"

namespace lf {

struct TextRange {
  size_t begin = 0, end = 0;
};

class Regex {
 public:
  /// `where` names the file and place in errors: kFormat for a bad expression, kUnsupported for syntax that PCRE2 has
  /// not.
  Regex(std::string_view pattern, std::string where);
  /// The same without a hand-written matcher.
  static Regex without_matcher(std::string_view pattern, std::string where);
  ~Regex();
  Regex(Regex&&) noexcept;

  /// All matches in `text` (valid UTF-8), left to right, as Oniguruma's iterator gives them. kFormat when the match
  /// limit is hit.
  void find_all(std::string_view text, std::vector<TextRange>& out) const;
  /// The hand-written matcher, when this expression has one.
  SplitMatcher matcher() const { return matcher_; }

 private:
  struct Compiled;

  Regex() = default;
  void compile(std::string_view pattern);

  std::string where_;
  SplitMatcher matcher_ = nullptr;
  std::unique_ptr<Compiled> compiled_;
};

/// `pattern` of Oniguruma's Ruby syntax in PCRE2's (see regex_syntax.cpp). kFormat for what is no expression,
/// kUnsupported by name for \\y, absent operators, bytes above \\x7f.
std::string onig_to_pcre2(std::string_view pattern, const std::string& where);

}  // namespace lf
