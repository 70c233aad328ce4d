// What a Split or Replace looks for: {"String": ...} or {"Regex": ...}.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/json_view.h"
#include "tokenizer/regex.h"

namespace lf {

class Pattern {
 public:
  /// A JSON string, {"String": text} or {"Regex": expression}.
  explicit Pattern(const JsonView& spec);
  explicit Pattern(Regex regex) : regex_(std::move(regex)) {}

  /// All matches, left to right.
  void find_all(std::string_view text, std::vector<TextRange>& out) const;
  /// `text` with every match replaced by `content`.
  void replace_all(std::string& text, std::string_view content) const;
  /// See Regex::matcher.
  SplitMatcher matcher() const { return regex_ ? regex_->matcher() : nullptr; }

 private:
  std::string literal_;
  std::optional<Regex> regex_;
};

}  // namespace lf
