#include "templates/jinja/numbers.h"

#include <unicode/uchar.h>

#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

/// White space removed (but for the separators 1C to 1F, which Python keeps here), decimal digits of all scripts as
/// ASCII.
std::string plain(std::string_view text) {
  std::string out;
  for_each_code_point(text, [&](char32_t c) {
    if (c < 0x80)
      out += static_cast<char>(c);
    else if (is_decimal(c))
      out += static_cast<char>('0' + u_charDigitValue(static_cast<UChar32>(c)));
    else
      append_utf8(out, is_space(c) ? ' ' : c);
  });
  return std::string(strip(out, " \t\n\v\f\r"));
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

/// Underscores may stand between digits only.
bool without_underscores(std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') continue;
    if (i == 0 || i + 1 == text.size() || digit_of(text[i - 1]) > 35 || digit_of(text[i + 1]) > 35) return false;
  }
  text = replace_all(text, "_", "");
  return true;
}

int prefix_base(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') return 0;
  const char letter = digits[1] | 0x20;
  return letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
}

}  // namespace

std::optional<int64_t> parse_int(std::string_view text, int64_t base) {
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  std::string digits = plain(text);
  bool negative = false;
  if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) {
    negative = digits[0] == '-';
    digits.erase(0, 1);
  }
  const int prefix = prefix_base(digits);
  if (prefix && (base == 0 || base == prefix)) {
    base = prefix;
    digits.erase(0, 2);
    if (!digits.empty() && digits[0] == '_') digits.erase(0, 1);
  } else if (base == 0) {
    if (digits.size() > 1 && digits[0] == '0' && digits.find_first_not_of("0_") != std::string::npos)
      return std::nullopt;
    base = 10;
  }
  if (digits.empty() || !without_underscores(digits)) return std::nullopt;
  for (char c : digits) {
    if (digit_of(c) >= base) return std::nullopt;
  }
  int64_t value = 0;
  for (char c : digits) {
    const int digit = negative ? -digit_of(c) : digit_of(c);
    LF_CHECK(kData, !__builtin_mul_overflow(value, base, &value) && !__builtin_add_overflow(value, digit, &value),
             "integers beyond 64 bits are not supported");
  }
  return value;
}

std::optional<double> parse_float(std::string_view text) {
  std::string digits = plain(text);
  for (size_t i = 0; i < digits.size(); ++i) {
    const auto digit_at = [&](size_t at) { return at < digits.size() && digits[at] >= '0' && digits[at] <= '9'; };
    if (digits[i] == '_' && (i == 0 || !digit_at(i - 1) || !digit_at(i + 1))) return std::nullopt;
  }
  digits = replace_all(digits, "_", "");
  const std::string word = to_lower(digits);
  const size_t sign = !word.empty() && (word[0] == '+' || word[0] == '-');
  const std::string_view name = std::string_view(word).substr(sign);
  if (name != "inf" && name != "infinity" && name != "nan") {
    if (name.empty() || word.find_first_not_of("0123456789+-.e") != std::string::npos) return std::nullopt;
  }
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  return end == digits.c_str() + digits.size() ? std::optional(value) : std::nullopt;
}

}  // namespace lf::jinja
