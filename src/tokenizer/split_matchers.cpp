#include "tokenizer/split_matchers.h"

#include <array>
#include <utility>

#include "tokenizer/unicode.h"

namespace lf {

const std::string_view kGpt2Pattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kQwenPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr std::string_view kDeepSeekPattern =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| "
    "?[\\p{P}\\p{S}]+[\r\n]*|"
    "\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

enum class Kind : uint8_t { kLetter, kNumber, kSpace, kOther };

struct Seen {
  Kind kind;
  uint32_t bytes;
};

constexpr Kind ascii_kind(unsigned char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Kind::kLetter;
  if (c >= '0' && c <= '9') return Kind::kNumber;
  if (c == ' ' || (c >= 9 && c <= 13)) return Kind::kSpace;
  return Kind::kOther;
}

constexpr auto kAsciiKinds = [] {
  std::array<Kind, 128> kinds{};
  for (unsigned char c = 0; c < 128; ++c) kinds[c] = ascii_kind(c);
  return kinds;
}();

Kind wide_kind(char32_t value) {
  const uint8_t entry = category_table()[value];
  const uint32_t category = uint32_t{1} << (entry & 0x1F);
  if (category & kLetterMask) return Kind::kLetter;
  if (category & kNumberMask) return Kind::kNumber;
  return entry & kWhiteSpaceBit ? Kind::kSpace : Kind::kOther;
}

inline Seen look(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {kAsciiKinds[lead], 1};
  const CodePoint point = code_point_at(text, at);
  return {wide_kind(point.value), point.bytes};
}

inline size_t skip(std::string_view text, size_t at, Kind kind) {
  while (at < text.size()) {
    const Seen seen = look(text, at);
    if (seen.kind != kind) break;
    at += seen.bytes;
  }
  return at;
}

constexpr bool is_newline(char c) { return c == '\r' || c == '\n'; }

/// `\s+(?!\S)|\s+` at a space: the run, less its last character when something follows and the run is longer than that.
size_t match_spaces(std::string_view text, size_t at, size_t run_end) {
  if (run_end == text.size()) return run_end;
  const size_t last = previous_code_point(text, run_end);
  return last > at ? last : run_end;
}

/// End of `'s|'t|'re|'ve|'m|'ll|'d` at an apostrophe, or 0.
template <bool kAnyCase>
size_t match_contraction(std::string_view text, size_t at) {
  const auto letter = [&](size_t i) -> char {
    const char c = at + i < text.size() ? text[at + i] : '\0';
    return kAnyCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  };
  const char first = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  if ((first == 'r' || first == 'v') && letter(2) == 'e') return at + 3;
  if (first == 'l' && letter(2) == 'l') return at + 3;
  if (kAnyCase && text.substr(at + 1, 2) == "\u017F") return at + 3;  // long s folds to s
  return 0;
}

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
size_t finish_others(std::string_view text, size_t at) {
  at = skip(text, at, Kind::kOther);
  while (at < text.size() && is_newline(text[at])) ++at;
  return at;
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+` at a space.
size_t match_blank(std::string_view text, size_t at) {
  const size_t run_end = skip(text, at, Kind::kSpace);
  for (size_t i = run_end; i > at; --i) {
    if (is_newline(text[i - 1])) return i;
  }
  return match_spaces(text, at, run_end);
}

template <int kMaxDigits>
size_t match_llama3(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\'') {
    if (const size_t end = match_contraction<true>(text, at)) return end;
  }
  const Seen seen = look(text, at);
  size_t next = at + seen.bytes;
  if (seen.kind == Kind::kLetter) return skip(text, next, Kind::kLetter);
  if (seen.kind == Kind::kNumber) {
    for (int digits = 1; digits < kMaxDigits && next < text.size(); ++digits) {
      const Seen after = look(text, next);
      if (after.kind != Kind::kNumber) break;
      next += after.bytes;
    }
    return next;
  }
  if (next < text.size() && !is_newline(c)) {
    const Seen after = look(text, next);
    if (after.kind == Kind::kLetter) return skip(text, next + after.bytes, Kind::kLetter);
    if (c == ' ' && after.kind == Kind::kOther) return finish_others(text, next + after.bytes);
  }
  return seen.kind == Kind::kOther ? finish_others(text, next) : match_blank(text, at);
}

constexpr uint32_t kLetterOrMark = kLetterMask | kMarkMask;
constexpr uint32_t kPunctuationOrSymbol = kPunctuationMask | kSymbolMask;

inline CodePoint read_at(std::string_view text, size_t at) {
  return at < text.size() ? code_point_at(text, at) : CodePoint{0, 0};  // U+0000 is in none of the classes asked for
}

size_t skip_category(std::string_view text, size_t at, uint32_t mask) {
  for (CodePoint point = read_at(text, at); point.bytes > 0 && in_category(point.value, mask);
       point = read_at(text, at)) {
    at += point.bytes;
  }
  return at;
}

size_t match_deepseek(std::string_view text, size_t at) {
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
    size_t end = skip_category(text, next, kPunctuationOrSymbol);
    while (end < text.size() && is_newline(text[end])) ++end;
    return end;
  }
  return is_white_space(point.value) ? match_blank(text, at) : at;
}

}  // namespace

SplitMatcher find_split_matcher(std::string_view pattern) {
  if (pattern == kGpt2Pattern) return match_gpt2;
  if (pattern == kLlama3Pattern) return match_llama3<3>;
  if (pattern == kQwenPattern) return match_llama3<1>;
  if (pattern == kDeepSeekPattern) return match_deepseek;
  return nullptr;
}

}  // namespace lf
