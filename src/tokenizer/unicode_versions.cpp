#include "tokenizer/unicode_versions.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "tokenizer/unicode.h"

namespace lf {
namespace {

/// Assigned in Unicode `major`.0 or before.
bool known_since(char32_t value, uint8_t major) {
  UVersionInfo age;
  u_charAge(static_cast<UChar32>(value), age);
  return age[0] > 0 && (age[0] < major || (age[0] == major && age[1] == 0));
}

struct LowerRange {
  char32_t first, last;
  int32_t distance;
  bool every_second = false;  // upper and lower case take turns
};

/// Newer than Unicode 15.
constexpr LowerRange kNewLower[] = {
    {0x1C89, 0x1C89, 1}, {0xA7CB, 0xA7CB, -0xA567}, {0xA7CC, 0xA7CC, 1},      {0xA7CE, 0xA7D4, 1, true},
    {0xA7DA, 0xA7DA, 1}, {0xA7DC, 0xA7DC, -0xA641}, {0x10D50, 0x10D65, 0x20}, {0x16EA0, 0x16EB8, 0x1B},
};

}  // namespace

bool is_numeric(char32_t value) {
  return in_category(value, kNumberMask) || (value >= 0x11DE0 && value <= 0x11DE9) ||
         (value >= 0x16FF4 && value <= 0x16FF6);
}

char32_t lower_case(char32_t value) {
  if (value < 0x80) return value >= 'A' && value <= 'Z' ? value + 0x20 : value;
  if (value == 0x130) return 'i';
  const auto lower = static_cast<char32_t>(u_tolower(static_cast<UChar32>(value)));
  if (lower != value || value < 0x1C89) return lower;
  for (const LowerRange& range : kNewLower) {
    if (value < range.first || value > range.last || (range.every_second && (value - range.first) % 2 != 0)) continue;
    return static_cast<char32_t>(static_cast<int32_t>(value) + range.distance);
  }
  return value;
}

bool is_old_punctuation(char32_t value) {
  if (value < 0x80) {
    return (value >= '!' && value <= '/') || (value >= ':' && value <= '@') || (value >= '[' && value <= '`') ||
           (value >= '{' && value <= '~');
  }
  if (value == 0x166D || value == 0x111C9) return true;
  return in_category(value, kPunctuationMask) && known_since(value, 8);
}

bool is_old_nonspacing_mark(char32_t value) {
  if (value == 0x1734) return true;
  if (!in_category(value, U_GC_MN_MASK)) return false;
  return known_since(value, 8) && value != 0x1885 && value != 0x1886 && value != 0xA9BD && value != 0x111C9;
}

bool is_old_control(char32_t value) {
  return in_category(value, U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK) && known_since(value, 8);
}

bool is_old_mark(char32_t value) {
  if (value == 0x1CF2 || value == 0x1CF3) return true;
  return in_category(value, kMarkMask) && value != 0x111C9 && known_since(value, 9);
}

int32_t old_script(char32_t value) {
  if (value == 0x589 || value == 0x61C) return USCRIPT_COMMON;
  if (value == 0x953 || value == 0x954) return USCRIPT_DEVANAGARI;
  if (!known_since(value, 9)) return USCRIPT_UNKNOWN;
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(static_cast<UChar32>(value), &error);
}

}  // namespace lf
