// Hand-written matchers for the regular expressions that nearly all published tokenizers split with. Each walks the
// text once; the alternatives are decidable with one code point of look-ahead after a run.
#pragma once
#include <cstddef>
#include <string_view>

namespace lf {

/// End of the match that starts at text[at]; `at` itself when none does.
using SplitMatcher = size_t (*)(std::string_view text, size_t at);

/// GPT-2's expression, the default of the ByteLevel pre-tokenizer.
extern const std::string_view kGpt2Pattern;

/// The matcher for exactly this expression; null when there is none.
SplitMatcher find_split_matcher(std::string_view pattern);

}  // namespace lf
