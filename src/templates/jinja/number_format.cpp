#include "templates/jinja/number_format.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/text.h"

namespace lf::jinja {

std::string digits_of(uint64_t magnitude, int base, bool upper) {
  const char* const symbols = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    out += symbols[magnitude % base];
    magnitude /= base;
  } while (magnitude);
  std::reverse(out.begin(), out.end());
  return out;
}

uint64_t magnitude_of(int64_t value) {
  return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

namespace {

/// repr() style with a precision: like g, with a digit after the point.
std::string general(double value, int precision, bool alternate) {
  char text[1200];
  std::snprintf(text, sizeof text, alternate ? "%#.*g" : "%.*g", std::max(precision, 1), value);
  std::string out = text;
  const int exponent = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(value)));
  if (out.find('e') == std::string::npos && exponent >= std::max(precision, 1) - 1) {
    std::snprintf(text, sizeof text, "%.*e", std::max(precision, 1) - 1, value);
    out = text;  // no room for ".0": the exponent form
    const size_t e = out.find('e');
    std::string mantissa = out.substr(0, e);
    if (!alternate && mantissa.find('.') != std::string::npos) {
      mantissa.erase(mantissa.find_last_not_of('0') + 1);
      if (mantissa.back() == '.') mantissa.pop_back();
    }
    return mantissa + out.substr(e);
  }
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

std::string float_text(double value, const NumberStyle& style) {
  LF_CHECK(kData, style.precision <= 1000, "a precision of {} is not supported", style.precision);
  const bool upper = style.type == 'E' || style.type == 'F' || style.type == 'G';
  value = std::fabs(value);
  if (std::isnan(value)) return upper ? "NAN" : style.type == '%' ? "nan%" : "nan";
  if (std::isinf(value)) return upper ? "INF" : style.type == '%' ? "inf%" : "inf";
  if (style.type == 0)
    return style.precision < 0 ? python_float(value) : general(value, style.precision, style.alternate);
  const char conversion = style.type == '%' ? 'f' : style.type;
  const std::string format = std::string(style.alternate ? "%#.*" : "%.*") + conversion;
  const int precision = style.precision < 0 ? 6 : style.precision;
  std::string out(1500, '\0');
  const double shown = style.type == '%' ? value * 100 : value;
  out.resize(std::snprintf(out.data(), out.size(), format.c_str(), precision, shown));
  return style.type == '%' ? out + "%" : out;
}

std::string sign_of(bool negative, char sign) {
  if (negative) return "-";
  return sign == '+' || sign == ' ' ? std::string(1, sign) : "";
}

std::string grouped(const std::string& digits, char separator, int group) {
  if (!separator) return digits;
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % group == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string padded(const std::string& text, int64_t width, const std::string& fill, char align) {
  const int64_t length = static_cast<int64_t>(count_code_points(text));
  if (width <= length) return text;
  const int64_t missing = width - length;
  charge_text(static_cast<size_t>(missing) * fill.size());
  const auto blanks = [&](int64_t count) {
    std::string out;
    for (int64_t i = 0; i < count; ++i) out += fill;
    return out;
  };
  if (align == '<') return text + blanks(missing);
  if (align == '>') return blanks(missing) + text;
  return blanks(missing / 2) + text + blanks(missing - missing / 2);
}

std::string centered(const std::string& text, int64_t width, const std::string& fill) {
  const int64_t length = static_cast<int64_t>(count_code_points(text)), missing = width - length;
  if (missing <= 0) return text;
  const int64_t left = missing / 2 + (missing & width & 1);
  return padded(padded(text, length + left, fill, '>'), width, fill, '<');
}

}  // namespace lf::jinja
