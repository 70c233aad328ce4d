// The % operator of strings: printf as Python reads it.
#include <cmath>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/number_format.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

bool is_mapping(const Value& value) {
  return value.is(Kind::kDict) || value.is(Kind::kList) || value.is(Kind::kRange) || value.is_undefined();
}

class PercentFormatter {
 public:
  PercentFormatter(const Value& format, const Value& arguments)
      : owner_(format), format_(format.as_text()), arguments_(arguments) {}

  std::string run() {
    while (at_ < format_.size()) {
      if (format_[at_] != '%') {
        out_ += format_[at_++];
        continue;
      }
      ++at_;
      field();
      check_growing(out_);
    }
    const bool all = is_mapping(arguments_) || used_ >= (arguments_.is(Kind::kTuple) ? arguments_.items().size() : 1);
    LF_CHECK(kData, all, "not all arguments converted during string formatting");
    return std::move(out_);
  }

 private:
  struct Field {
    bool left = false, zero = false;
    int64_t width = 0;
    NumberStyle number;
    std::optional<Value> value;
  };

  char peek() const {
    LF_CHECK(kData, at_ < format_.size(), "incomplete format");
    return format_[at_];
  }

  Value next() {
    const bool tuple = arguments_.is(Kind::kTuple);
    LF_CHECK(kData, used_ < (tuple ? arguments_.items().size() : 1), "not enough arguments for format string");
    return tuple ? arguments_.items()[used_++] : (++used_, arguments_);
  }

  Value keyed() {
    int open = 1;
    const size_t start = ++at_;
    for (; open > 0; ++at_) {
      LF_CHECK(kData, at_ < format_.size(), "incomplete format key");
      open += format_[at_] == '(' ? 1 : format_[at_] == ')' ? -1 : 0;
    }
    const std::string key = format_.substr(start, at_ - start - 1);
    LF_CHECK(kData, is_mapping(arguments_), "format requires a mapping");
    if (arguments_.is_undefined()) throw_error(ErrorKind::kData, "{}", arguments_.as<UndefinedObject>().hint);
    LF_CHECK(kData, arguments_.is(Kind::kDict), "list indices must be integers or slices, not str");
    const Value* found = arguments_.as_dict().find(std::string_view(key));
    LF_CHECK(kData, found, "the key {} is missing", repr(key));
    return *found;
  }

  int64_t amount() {
    if (peek() == '*') {
      ++at_;
      const Value value = next();
      LF_CHECK(kData, value.is_integral(), "* wants int");
      LF_CHECK(kData, std::abs(value.as_int()) < INT32_MAX, "width too big");
      return value.as_int();
    }
    int64_t value = 0;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      value = value * 10 + (format_[at_] - '0');
      LF_CHECK(kData, value < INT32_MAX, "width too big");
    }
    return value;
  }

  void field() {
    Field field;
    if (peek() == '(') field.value = keyed();
    for (bool flag = true; flag; at_ += flag) {
      const char c = peek();
      if (c == '-')
        field.left = true;
      else if (c == '+')
        field.number.sign = '+';
      else if (c == ' ')
        field.number.sign = field.number.sign ? field.number.sign : ' ';
      else if (c == '#')
        field.number.alternate = true;
      else if (c == '0')
        field.zero = true;
      else
        flag = false;
    }
    field.width = amount();
    if (field.width < 0) {
      field.left = true;
      field.width = -field.width;
    }
    if (peek() == '.') {
      ++at_;
      field.number.precision = static_cast<int>(std::max<int64_t>(amount(), 0));
    }
    if (peek() == 'h' || peek() == 'l' || peek() == 'L') ++at_;
    field.number.type = peek();
    ++at_;
    if (field.number.type == '%') {
      out_ += '%';
      return;
    }
    if (!field.value) field.value = next();
    convert(field);
  }

  void convert(const Field& field) {
    const char type = field.number.type;
    const Value& value = *field.value;
    switch (type) {
      case 's':
        return text(field, text_for(owner_, value));
      case 'r':
        return text(field, owner_.is_markup() ? escaped(Value::text(repr(value))) : repr(value));
      case 'a':
        return text(field, ascii_repr(value));
      case 'c':
        return character(field, value);
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X':
        return integer(field, value);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        return real(field, value);
      default:
        throw_error(ErrorKind::kData, "unsupported format character '{}'", type);
    }
  }

  void text(const Field& field, std::string shown) {
    if (field.number.precision >= 0) {
      const StringObject whole(shown, false);
      shown.resize(byte_offset(whole, static_cast<size_t>(field.number.precision)));
    }
    out_ += padded(shown, field.width, " ", field.left ? '<' : '>');
  }

  void character(Field field, const Value& value) {
    std::string one;
    if (value.is_string()) {
      LF_CHECK(kData, value.as_string().length == 1, "%c requires int or char");
      one = value.as_text();
    } else {
      LF_CHECK(kData, value.is_integral(), "%c requires int or char");
      LF_CHECK(kData, value.as_int() >= 0 && value.as_int() < 0x110000, "%c arg not in range(0x110000)");
      LF_CHECK(kData, value.as_int() < 0xD800 || value.as_int() > 0xDFFF, "half a surrogate pair is not supported");
      append_utf8(one, static_cast<char32_t>(value.as_int()));
    }
    field.number.precision = -1;
    text(field, one);
  }

  void number(const Field& field, const std::string& prefix, const std::string& digits) {
    if (field.zero && !field.left) {
      out_ += prefix + padded(digits, field.width - static_cast<int64_t>(prefix.size()), "0", '>');
    } else {
      out_ += padded(prefix + digits, field.width, " ", field.left ? '<' : '>');
    }
  }

  void integer(const Field& field, const Value& value) {
    const char type = field.number.type;
    const bool decimal = type == 'd' || type == 'i' || type == 'u';
    int64_t whole = 0;
    if (value.is_integral()) {
      whole = value.as_int();
    } else {
      LF_CHECK(kData, decimal && value.is(Kind::kFloat), "%{} format: a real number is required, not {}", type,
               type_name(value));
      LF_CHECK(kData, std::fabs(value.as_float()) < 9.2e18, "cannot convert this float to a 64-bit integer");
      whole = static_cast<int64_t>(value.as_float());
    }
    const int base = decimal ? 10 : type == 'o' ? 8 : 16;
    std::string digits = digits_of(magnitude_of(whole), base, type == 'X');
    if (field.number.precision > static_cast<int>(digits.size()))
      digits = padded(digits, field.number.precision, "0", '>');
    std::string prefix = sign_of(whole < 0, field.number.sign);
    if (field.number.alternate && !decimal) (prefix += '0') += type;
    number(field, prefix, digits);
  }

  void real(const Field& field, const Value& value) {
    LF_CHECK(kData, value.is_number(), "must be real number, not {}", type_name(value));
    const double shown = value.as_float();
    NumberStyle style = field.number;
    if ((style.type | 0x20) == 'g' && style.precision == 0) style.precision = 1;
    number(field, sign_of(std::signbit(shown) && !std::isnan(shown), style.sign), float_text(shown, style));
  }

  const Value& owner_;
  const std::string& format_;
  const Value& arguments_;
  size_t at_ = 0, used_ = 0;
  std::string out_;
};

}  // namespace

Value format_percent(const Value& format, const Value& arguments) {
  return Value::text(PercentFormatter(format, arguments).run(), format.is_markup());
}

}  // namespace lf::jinja
