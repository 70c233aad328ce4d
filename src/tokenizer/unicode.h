// UTF-8 and Unicode properties. Categories come from ICU plus the letters that Unicode 15.1 and 16 added
// (unicode_delta.inc), which is what the published tokenizers were split with; they sit in one flat table, built on
// first use (about 1 ms).
#pragma once
#include <unicode/uchar.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace lf {

struct CodePoint {
  char32_t value = 0;
  uint32_t bytes = 1;
};

/// The code point that starts at text[at]; `text` must be valid UTF-8.
inline CodePoint code_point_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {static_cast<char32_t>((lead & 0x1F) << 6 | (byte(1) & 0x3F)), 2};
  if (lead < 0xF0) {
    return {static_cast<char32_t>((lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F)), 3};
  }
  return {
      static_cast<char32_t>((lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F)),
      4};
}

/// Start of the code point that ends before text[end]; end > 0.
inline size_t previous_code_point(std::string_view text, size_t end) {
  do --end;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80);
  return end;
}

void append_utf8(std::string& out, char32_t value);
bool is_valid_utf8(std::string_view text);
/// Each maximal invalid part becomes one U+FFFD, as in Rust's from_utf8_lossy.
std::string to_valid_utf8(std::string_view bytes);
bool is_ascii(std::string_view text);

inline constexpr uint32_t kLetterMask = U_GC_L_MASK, kNumberMask = U_GC_N_MASK, kMarkMask = U_GC_M_MASK,
                          kPunctuationMask = U_GC_P_MASK, kSymbolMask = U_GC_S_MASK;
/// Set in a table entry beside the general category (low 5 bits) when the code point has White_Space.
inline constexpr uint8_t kWhiteSpaceBit = 0x20;

/// One byte for each of the 0x110000 code points: general category (U_UPPERCASE_LETTER ...) | kWhiteSpaceBit.
const uint8_t* category_table();

inline bool in_category(char32_t value, uint32_t mask) {
  return (uint32_t{1} << (category_table()[value] & 0x1F)) & mask;
}
inline bool is_white_space(char32_t value) { return category_table()[value] & kWhiteSpaceBit; }
/// What \w means to Rust's regex: Alphabetic, marks, decimal digits, connector punctuation, joiners.
bool is_word(char32_t value);

}  // namespace lf
