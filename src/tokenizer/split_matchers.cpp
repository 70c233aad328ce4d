// The expressions of GPT-2, cl100k, Llama 3 and Qwen, and the table of all.
#include "tokenizer/split_matchers.h"

#include <utility>

#include "tokenizer/published_patterns.h"
#include "tokenizer/split_classes.h"
#include "tokenizer/split_families.h"

namespace lf {

const std::string_view kGpt2Pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

/// p50k and r50k, as kinds/fancy_regex.cpp writes them: the same pieces as GPT-2's.
constexpr std::string_view kP50kPattern =
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++\z|\s+(?!\S)|\s)";
/// cl100k in the same way.
constexpr std::string_view kCl100kPattern =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|(?>\p{N}{1,3})| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++\z|\s*[\r\n]|\s+(?!\S)|\s)";

size_t match_gpt2(std::string_view text, size_t at) {
  if (text[at] == '\'') {
    if (const size_t end = match_contraction<false>(text, at)) return end;
  }
  Seen seen = look(text, at);
  size_t start = at;
  if (text[at] == ' ' && at + 1 < text.size()) {
    const Seen after = look(text, at + 1);
    if (after.kind != Kind::kSpace) {
      seen = after;
      start = at + 1;
    }
  }
  const size_t run_end = skip(text, start + seen.bytes, seen.kind);
  return seen.kind == Kind::kSpace ? match_spaces(text, at, run_end) : run_end;
}

/// ` ?[^\s\p{L}\p{N}]+[\r\n]*` once inside the run of others.
size_t finish_others(std::string_view text, size_t at) { return skip_newlines(text, skip(text, at, Kind::kOther)); }

/// `\s++\z|\s*[\r\n]|\s+(?!\S)|\s` at a space.
size_t match_blank_cl100k(std::string_view text, size_t at) {
  const size_t run_end = skip(text, at, Kind::kSpace);
  return run_end == text.size() ? run_end : match_blank(text, at, run_end);
}

/// Llama 3, Qwen and cl100k, which differ in how many digits stand together and in the blanks at the end of a text.
template <int kMaxDigits, size_t (*kBlank)(std::string_view, size_t)>
size_t match_llama3(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\'') {
    if (const size_t end = match_contraction<true>(text, at)) return end;
  }
  const Seen seen = look(text, at);
  const size_t next = at + seen.bytes;
  if (seen.kind == Kind::kLetter) return skip(text, next, Kind::kLetter);
  if (seen.kind == Kind::kNumber) return skip_digits(text, next, kMaxDigits);
  if (next < text.size() && !is_newline(c)) {
    const Seen after = look(text, next);
    if (after.kind == Kind::kLetter) return skip(text, next + after.bytes, Kind::kLetter);
    if (c == ' ' && after.kind == Kind::kOther) return finish_others(text, next + after.bytes);
  }
  return seen.kind == Kind::kOther ? finish_others(text, next) : kBlank(text, at);
}

}  // namespace

SplitMatcher find_split_matcher(std::string_view pattern) {
  static constexpr std::pair<std::string_view, SplitMatcher> kTable[] = {
      {kP50kPattern, match_gpt2},
      {kCl100kPattern, match_llama3<3, match_blank_cl100k>},
      {kLlama3Pattern, match_llama3<3, match_blank>},
      {kQwenPattern, match_llama3<1, match_blank>},
  };
  if (pattern == kGpt2Pattern) return match_gpt2;
  for (const auto& [known, matcher] : kTable) {
    if (known == pattern) return matcher;
  }
  if (const SplitMatcher matcher = find_cased_matcher(pattern)) return matcher;
  return find_deepseek_matcher(pattern);
}

}  // namespace lf
