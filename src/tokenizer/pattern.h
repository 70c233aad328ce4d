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
  /// `text` with every match replaced by `content`. `sources` gets for each byte of the result the byte of `text` that
  /// it stands for (see AlignedText::replace); new text stands for the end of what it replaces.
  void replace_all(std::string& text, std::string_view content, std::vector<uint32_t>* sources = nullptr) const;
  /// See Regex::matcher.
  SplitMatcher matcher() const { return regex_ ? regex_->matcher() : nullptr; }

 private:
  std::string literal_;
  std::optional<Regex> regex_;
};

}  // namespace lf
