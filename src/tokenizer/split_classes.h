// Walking over runs of characters of one kind: what the matchers of split_matchers.cpp and its neighbours share.
#pragma once
#include <array>
#include <string_view>

#include "tokenizer/unicode.h"

namespace lf {

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

inline constexpr auto kAsciiKinds = [] {
  std::array<Kind, 128> kinds{};
  for (unsigned char c = 0; c < 128; ++c) kinds[c] = ascii_kind(c);
  return kinds;
}();

inline Kind wide_kind(char32_t value) {
  const uint8_t entry = category_table()[value];
  const uint32_t category = uint32_t{1} << (entry & 0x1F);
  if (category & kLetterMask) return Kind::kLetter;
  if (category & kNumberMask) return Kind::kNumber;
  return entry & kWhiteSpaceBit ? Kind::kSpace : Kind::kOther;
}

/// The kind of the character at `at` (which must be inside the text).
inline Seen look(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {kAsciiKinds[lead], 1};
  const CodePoint point = code_point_at(text, at);
  return {wide_kind(point.value), point.bytes};
}

/// End of the run of `kind` at `at`.
inline size_t skip(std::string_view text, size_t at, Kind kind) {
  while (at < text.size()) {
    const Seen seen = look(text, at);
    if (seen.kind != kind) break;
    at += seen.bytes;
  }
  return at;
}

/// The character at `at`; U+0000 with no bytes at the end of the text.
inline CodePoint read_at(std::string_view text, size_t at) {
  return at < text.size() ? code_point_at(text, at) : CodePoint{0, 0};
}

/// End of the run of characters at `at` that the test accepts.
template <class Test>
size_t skip_while(std::string_view text, size_t at, const Test& test) {
  while (at < text.size()) {
    const CodePoint point = code_point_at(text, at);
    if (!test(point.value)) break;
    at += point.bytes;
  }
  return at;
}

constexpr bool is_newline(char c) { return c == '\r' || c == '\n'; }

inline size_t skip_newlines(std::string_view text, size_t at) {
  while (at < text.size() && is_newline(text[at])) ++at;
  return at;
}

/// `\p{N}{1,most}` after its first character.
inline size_t skip_digits(std::string_view text, size_t at, int most) {
  for (int digits = 1; digits < most && at < text.size(); ++digits) {
    const Seen seen = look(text, at);
    if (seen.kind != Kind::kNumber) break;
    at += seen.bytes;
  }
  return at;
}

/// `\s+(?!\S)|\s+` at a space: the run, less its last character when something follows and the run is longer than that.
inline size_t match_spaces(std::string_view text, size_t at, size_t run_end) {
  if (run_end == text.size()) return run_end;
  const size_t last = previous_code_point(text, run_end);
  return last > at ? last : run_end;
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+` at a space, where the run of spaces ends at `run_end`.
inline size_t match_blank(std::string_view text, size_t at, size_t run_end) {
  for (size_t i = run_end; i > at; --i) {
    if (is_newline(text[i - 1])) return i;
  }
  return match_spaces(text, at, run_end);
}

inline size_t match_blank(std::string_view text, size_t at) {
  return match_blank(text, at, skip(text, at, Kind::kSpace));
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

}  // namespace lf
