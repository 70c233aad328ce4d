// The steps of the DeepSeek pipelines: V3 has three, LLM and Coder one for each kind of text. Where a step's expression
// does not match, nothing is cut.
#include <algorithm>
#include <utility>

#include "tokenizer/split_classes.h"
#include "tokenizer/split_families.h"

namespace lf {
namespace {

constexpr std::string_view kV3Words =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| "
    "?[\\p{P}\\p{S}]+[\r\n]*|"
    "\\s*[\r\n]+|\\s+(?!\\S)|\\s+";
constexpr std::string_view kV3Digits = R"(\p{N}{1,3})";
constexpr std::string_view kV3Cjk = "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+";
constexpr std::string_view kLlmNewline = "[\r\n]";
constexpr std::string_view kLlmPunctuation = "\\s?[!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002]+";
constexpr std::string_view kLlmLineEnd = R"(\s+$)";
constexpr std::string_view kLlmCjk = "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+";
constexpr std::string_view kCoderLetters = R"(\s?\p{L}+)";
constexpr std::string_view kCoderPunctuation = R"(\s?\p{P}+)";
/// LLM's words are spelled as a list of ranges.
constexpr std::string_view kLlmWordsBegin = "\\s?[A-Za-z";
constexpr std::pair<char32_t, char32_t> kLlmLetters[] = {
#include "tokenizer/deepseek_letters.inc"
};

constexpr uint32_t kLetterOrMark = kLetterMask | kMarkMask;
constexpr uint32_t kPunctuationOrSymbol = kPunctuationMask | kSymbolMask;

size_t skip_category(std::string_view text, size_t at, uint32_t mask) {
  return skip_while(text, at, [mask](char32_t c) { return in_category(c, mask); });
}

size_t match_v3_words(std::string_view text, size_t at) {
  const CodePoint point = code_point_at(text, at);
  const size_t next = at + point.bytes;
  const bool sign = in_category(point.value, kPunctuationOrSymbol);
  if (point.value < 0x80 && sign) {
    size_t end = next;
    while (end < text.size() && ascii_kind(static_cast<unsigned char>(text[end])) == Kind::kLetter) ++end;
    if (end > next) return end;
  }
  if (in_category(point.value, kLetterOrMark)) return skip_category(text, next, kLetterOrMark);
  const CodePoint after = read_at(text, next);
  if (!sign && !is_newline(text[at]) && in_category(after.value, kLetterOrMark)) {
    return skip_category(text, next + after.bytes, kLetterOrMark);
  }
  if (sign || (point.value == ' ' && in_category(after.value, kPunctuationOrSymbol))) {
    return skip_newlines(text, skip_category(text, next, kPunctuationOrSymbol));
  }
  return is_white_space(point.value) ? match_blank(text, at) : at;
}

size_t match_v3_digits(std::string_view text, size_t at) {
  const Seen seen = look(text, at);
  return seen.kind == Kind::kNumber ? skip_digits(text, at + seen.bytes, 3) : at;
}

size_t match_newline(std::string_view text, size_t at) { return at + is_newline(text[at]); }

/// `\s+$`, where $ is the end of a line. Only the first place of a run of spaces can match: a match ends at the last
/// newline of the run, and without one (or the end of the text) no place matches.
size_t match_line_end(std::string_view text, size_t at) {
  if (look(text, at).kind != Kind::kSpace) return at;
  if (at > 0 && look(text, previous_code_point(text, at)).kind == Kind::kSpace) return at;
  const size_t run_end = skip(text, at, Kind::kSpace);
  if (run_end == text.size()) return run_end;
  const size_t newline = text.substr(0, run_end).rfind('\n');
  return newline == std::string_view::npos || newline < at ? at : newline;
}

constexpr bool is_v3_cjk(char32_t c) { return (c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF); }
constexpr bool is_llm_cjk(char32_t c) { return (c >= 0x0800 && c <= 0x9FA5) || (c >= 0xAC00 && c <= 0xD7FF); }
constexpr bool is_llm_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '~') || (c >= 0xFF01 && c <= 0xFF0F) ||
         (c >= 0xFF1A && c <= 0xFF5E) || (c >= 0x2018 && c <= 0x201F) || (c >= 0x3000 && c <= 0x3002);
}
bool is_llm_letter(char32_t c) {
  if (c < 0x80) return kAsciiKinds[c] == Kind::kLetter;
  const auto* range = std::ranges::upper_bound(kLlmLetters, c, {}, [](const auto& r) { return r.first; });
  return range != std::begin(kLlmLetters) && c <= std::prev(range)->second;
}
bool is_letter(char32_t c) { return in_category(c, kLetterMask); }
bool is_punctuation(char32_t c) { return in_category(c, kPunctuationMask); }

/// `[class]+`.
template <bool (*kTest)(char32_t)>
size_t match_run(std::string_view text, size_t at) {
  return skip_while(text, at, kTest);
}

/// `\s?[class]+`; a space that is of the class itself also stands alone.
template <bool (*kTest)(char32_t)>
size_t match_spaced_run(std::string_view text, size_t at) {
  const CodePoint point = code_point_at(text, at);
  if (is_white_space(point.value)) {
    const size_t next = at + point.bytes;
    if (const size_t end = skip_while(text, next, kTest); end > next) return end;
  }
  return skip_while(text, at, kTest);
}

/// Whether the pattern is `\s?[A-Za-z...]+` with exactly the ranges of kLlmLetters.
bool is_llm_words(std::string_view pattern) {
  if (!pattern.starts_with(kLlmWordsBegin)) return false;
  std::string expected(kLlmWordsBegin);
  for (const auto& [first, last] : kLlmLetters) {
    append_utf8(expected, first);
    if (last == first) continue;
    if (last > first + 1) expected += '-';
    append_utf8(expected, last);
  }
  return pattern == expected + "]+";
}

}  // namespace

SplitMatcher find_deepseek_matcher(std::string_view pattern) {
  static constexpr std::pair<std::string_view, SplitMatcher> kTable[] = {
      {kV3Words, match_v3_words},
      {kV3Digits, match_v3_digits},
      {kV3Cjk, match_run<is_v3_cjk>},
      {kLlmNewline, match_newline},
      {R"([\r\n])", match_newline},
      {kLlmPunctuation, match_spaced_run<is_llm_punctuation>},
      {kLlmLineEnd, match_line_end},
      {kLlmCjk, match_run<is_llm_cjk>},
      {kCoderLetters, match_spaced_run<is_letter>},
      {kCoderPunctuation, match_spaced_run<is_punctuation>},
  };
  for (const auto& [known, matcher] : kTable) {
    if (known == pattern) return matcher;
  }
  return is_llm_words(pattern) ? match_spaced_run<is_llm_letter> : nullptr;
}

}  // namespace lf
