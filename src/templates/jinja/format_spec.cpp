// format(value, spec): the mini-language of Python's format strings for str, int, float and bool.
#include <cmath>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/number_format.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

struct Spec {
  std::string fill = " ";
  char align = 0;
  int64_t width = 0;
  bool zero = false;
  bool no_negative_zero = false;
  NumberStyle number;
};

class SpecReader {
 public:
  explicit SpecReader(std::string_view text) : text_(text) {}

  Spec read() {
    Spec spec;
    read_align(spec);
    if (const char sign = accept("+- ")) spec.number.sign = sign;
    spec.no_negative_zero = accept("z");
    spec.number.alternate = accept("#");
    if (at_ < text_.size() && text_[at_] == '0') {
      spec.zero = true;
      if (!spec.align) {
        spec.fill = "0";
        spec.align = '=';
      }
      ++at_;
    }
    spec.width = number(0);
    if (const char grouping = accept(",_")) spec.number.grouping = grouping;
    if (accept(".")) {
      spec.number.precision = static_cast<int>(number(-1));
      LF_CHECK(kData, spec.number.precision >= 0, "Format specifier missing precision");
    }
    if (at_ < text_.size()) spec.number.type = text_[at_++];
    LF_CHECK(kData, at_ == text_.size(), "Invalid format specifier '{}'", text_);
    return spec;
  }

 private:
  char accept(std::string_view any) {
    if (at_ >= text_.size() || any.find(text_[at_]) == std::string_view::npos) return 0;
    return text_[at_++];
  }

  void read_align(Spec& spec) {
    constexpr std::string_view kAligns = "<>=^";
    if (text_.empty()) return;
    const size_t first = code_point_at(text_, 0).bytes;
    if (first < text_.size() && kAligns.find(text_[first]) != kAligns.npos) {
      spec.fill = std::string(text_.substr(0, first));
      spec.align = text_[first];
      at_ = first + 1;
    } else {
      spec.align = accept(kAligns);
    }
  }

  int64_t number(int64_t otherwise) {
    if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') return otherwise;
    int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = value * 10 + (text_[at_] - '0');
      LF_CHECK(kData, value < INT32_MAX, "Too many decimal digits in format string");
    }
    return value;
  }

  std::string_view text_;
  size_t at_ = 0;
};

std::string text_field(const std::string& text, Spec spec) {
  LF_CHECK(kData, spec.number.type == 0 || spec.number.type == 's', "Unknown format code '{}' for object of type 'str'",
           spec.number.type);
  LF_CHECK(kData, !spec.number.sign, "Sign not allowed in string format specifier");
  LF_CHECK(kData, !spec.no_negative_zero, "Negative zero coercion (z) not allowed in string format specifier");
  LF_CHECK(kData, !spec.number.alternate, "Alternate form (#) not allowed in string format specifier");
  LF_CHECK(kData, !spec.number.grouping, "Cannot specify '{}' with 's'.", spec.number.grouping);
  if (spec.align == '=' && spec.zero && spec.fill == "0") spec.align = '<';
  LF_CHECK(kData, spec.align != '=', "'=' alignment not allowed in string format specifier");
  std::string shown = text;
  if (spec.number.precision >= 0) {
    const StringObject whole(text, false);
    shown = text.substr(0, byte_offset(whole, static_cast<size_t>(spec.number.precision)));
  }
  return padded(shown, spec.width, spec.fill, spec.align ? spec.align : '<');
}

/// Sign and prefix, then digits (grouped), then the rest from the point on.
std::string number_field(const std::string& prefix, std::string digits, const std::string& rest, int group,
                         const Spec& spec) {
  const char separator = spec.number.grouping;
  const int64_t fixed = static_cast<int64_t>(prefix.size() + rest.size());
  if (spec.align == '=' && spec.fill == "0" && separator) {
    charge_text(static_cast<size_t>(spec.width));
    while (fixed + static_cast<int64_t>(grouped(digits, separator, group).size()) < spec.width) digits.insert(0, "0");
  }
  const std::string body = grouped(digits, separator, group) + rest;
  if (spec.align != '=') return padded(prefix + body, spec.width, spec.fill, spec.align ? spec.align : '>');
  return prefix + padded(body, spec.width - static_cast<int64_t>(prefix.size()), spec.fill, '>');
}

std::string float_field(double value, const Spec& spec) {
  const char type = spec.number.type;
  LF_CHECK(kData, type == 0 || std::string_view("eEfFgGn%").find(type) != std::string_view::npos,
           "Unknown format code '{}' for object of type 'float'", type);
  NumberStyle style = spec.number;
  if (type == 'n') style.type = 'g';
  if (style.type != 0 && (style.type | 0x20) == 'g' && style.precision == 0) style.precision = 1;
  const std::string text = float_text(value, style);
  size_t end = 0;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  bool negative = std::signbit(value) && !std::isnan(value);
  if (spec.no_negative_zero && negative && text.find_first_of("123456789i") == std::string::npos) negative = false;
  return number_field(sign_of(negative, style.sign), text.substr(0, end), text.substr(end), 3, spec);
}

std::string int_field(const Value& value, const Spec& spec) {
  const char type = spec.number.type ? spec.number.type : 'd';
  if (std::string_view("eEfFgG%").find(type) != std::string_view::npos) return float_field(value.as_float(), spec);
  const int base = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
  LF_CHECK(kData, std::string_view("bcdnoxX").find(type) != std::string_view::npos,
           "Unknown format code '{}' for object of type 'int'", type);
  LF_CHECK(kData, spec.number.precision < 0, "Precision not allowed in integer format specifier");
  LF_CHECK(kData, !spec.no_negative_zero, "Negative zero coercion (z) not allowed in integer format specifier");
  LF_CHECK(kData, !spec.number.grouping || (type != 'n' && (spec.number.grouping == '_' || base == 10)),
           "Cannot specify '{}' with '{}'.", spec.number.grouping, type);
  if (type == 'c') {
    LF_CHECK(kData, !spec.number.sign, "Sign not allowed with integer format specifier 'c'");
    LF_CHECK(kData, !spec.number.alternate, "Alternate form (#) not allowed with integer format specifier 'c'");
    LF_CHECK(kData, !spec.number.grouping, "Cannot specify '{}' with 'c'.", spec.number.grouping);
    LF_CHECK(kData, value.as_int() >= 0 && value.as_int() < 0x110000, "%c arg not in range(0x110000)");
    LF_CHECK(kData, value.as_int() < 0xD800 || value.as_int() > 0xDFFF, "half a surrogate pair is not supported");
    std::string one;
    append_utf8(one, static_cast<char32_t>(value.as_int()));
    return number_field("", "", one, 3, spec);
  }
  std::string prefix = sign_of(value.as_int() < 0, spec.number.sign);
  if (spec.number.alternate && base != 10) (prefix += '0') += type;
  return number_field(prefix, digits_of(magnitude_of(value.as_int()), base, type == 'X'), "", base == 10 ? 3 : 4, spec);
}

}  // namespace

std::string format_spec(const Value& value, const std::string& text) {
  if (text.empty()) return to_text(value);
  if (value.is_string()) return text_field(value.as_text(), SpecReader(text).read());
  LF_CHECK(kData, value.is_number(), "unsupported format string passed to {}.__format__", type_name(value));
  const Spec spec = SpecReader(text).read();
  LF_CHECK(kData, spec.number.type != 's', "Unknown format code 's' for object of type '{}'", type_name(value));
  return value.is(Kind::kFloat) ? float_field(value.as_float(), spec) : int_field(value, spec);
}

}  // namespace lf::jinja
