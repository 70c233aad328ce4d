// Hand-written matchers for the regular expressions that nearly all published tokenizers split with. Each walks the
// text once; the alternatives are decidable with one code point of look-ahead after a run.
#pragma once
#include <cstddef>
#include <string_view>

#include "tokenizer/unicode.h"

namespace lf {

/// End of the match that starts at text[at]; `at` itself when none does.
using SplitMatcher = size_t (*)(std::string_view text, size_t at);

/// GPT-2's expression, the default of the ByteLevel pre-tokenizer.
extern const std::string_view kGpt2Pattern;

/// The matcher for exactly this expression; null when there is none.
SplitMatcher find_split_matcher(std::string_view pattern);

/// Visits the pieces of `text` from left to right: every match, and what lies between two matches.
template <class Visit>
void each_piece(std::string_view text, SplitMatcher match, const Visit& visit) {
  size_t gap = 0;  // where the text that no match has taken begins
  for (size_t at = 0; at < text.size();) {
    const size_t end = match(text, at);
    if (end == at) {
      at += code_point_at(text, at).bytes;
      continue;
    }
    if (gap < at) visit(text.substr(gap, at - gap));
    visit(text.substr(at, end - at));
    gap = at = end;
  }
  if (gap < text.size()) visit(text.substr(gap));
}

}  // namespace lf
