// str.format(): replacement fields with lookups, conversions and nested format specifications.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"

namespace lf::jinja {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int64_t number_of(std::string_view digits) {
  LF_CHECK(kData, digits.size() < 18, "Too many decimal digits in format string");
  return std::stoll(std::string(digits));
}

class BraceFormatter {
 public:
  BraceFormatter(const Value& owner, const Args& args) : owner_(owner), args_(args) {}

  std::string run(std::string_view format, int depth) {
    LF_CHECK(kData, depth >= 0, "Max string recursion exceeded");
    std::string out;
    for (size_t at = 0; at < format.size();) {
      const char c = format[at];
      if (c != '{' && c != '}') {
        out += c;
        ++at;
      } else if (at + 1 < format.size() && format[at + 1] == c) {
        out += c;
        at += 2;
      } else {
        LF_CHECK(kData, c == '{', "Single '}}' encountered in format string");
        const size_t end = field_end(format, at + 1);
        out += field(format.substr(at + 1, end - at - 1), depth);
        at = end + 1;
      }
      check_growing(out);
    }
    return out;
  }

 private:
  static size_t field_end(std::string_view format, size_t at) {
    int open = 1;
    bool bracket = false;
    for (; at < format.size(); ++at) {
      const char c = format[at];
      if (c == '[') bracket = true;
      if (c == ']') bracket = false;
      if (bracket && c != '[') continue;
      if (c == '{') ++open;
      if (c == '}' && --open == 0) return at;
    }
    throw_error(ErrorKind::kData, "expected '}}' before end of string");
  }

  std::string field(std::string_view text, int depth) {
    size_t end = 0;
    for (bool bracket = false; end < text.size(); ++end) {
      if (text[end] == '[') bracket = true;
      if (text[end] == ']') bracket = false;
      LF_CHECK(kData, text[end] != '{' && text[end] != '}', "unexpected '{{' in field name");
      if (!bracket && (text[end] == '!' || text[end] == ':')) break;
    }
    Value value = lookup(text.substr(0, end));
    char conversion = 0;
    if (end < text.size() && text[end] == '!') {
      LF_CHECK(kData, end + 1 < text.size(), "end of string while looking for conversion specifier");
      conversion = text[end + 1];
      end += 2;
      LF_CHECK(kData, end >= text.size() || text[end] == ':', "expected ':' after conversion specifier");
    }
    const std::string_view spec = end < text.size() ? text.substr(end + 1) : "";
    if (conversion) value = converted(value, conversion);
    return format_field(value, run(spec, depth - 1));
  }

  std::string format_field(const Value& value, const std::string& spec) const {
    if (!owner_.is_markup()) return format_spec(value, spec);
    if (!value.is_markup()) return escaped(Value::text(format_spec(value, spec)));
    LF_CHECK(kData, spec.empty(), "Format specifier given, but Markup does not define __html_format__");
    return value.as_text();
  }

  static Value converted(const Value& value, char conversion) {
    switch (conversion) {
      case 's':
        return Value::text(to_text(value));
      case 'r':
        return Value::text(repr(value));
      case 'a':
        return Value::text(ascii_repr(value));
      default:
        throw_error(ErrorKind::kData, "Unknown conversion specifier {}", conversion);
    }
  }

  Value lookup(std::string_view name) {
    if (name.empty()) {
      LF_CHECK(kData, !manual_, "cannot switch from manual field specification to automatic field numbering");
      return positional(next_++);
    }
    if (all_digits(name)) {
      LF_CHECK(kData, next_ == 0, "cannot switch from automatic field numbering to manual field specification");
      manual_ = true;
    }
    const size_t end = std::min(name.find_first_of(".["), name.size());
    const std::string_view first = name.substr(0, end);
    Value value = all_digits(first) ? positional(number_of(first)) : named(first);
    for (size_t at = end; at < name.size();) at = step(name, at, value);
    return value;
  }

  /// Follows one .attribute or [index]; gives where it ends.
  static size_t step(std::string_view name, size_t at, Value& value) {
    if (name[at] == '.') {
      const size_t end = std::min(name.find_first_of(".[", at + 1), name.size());
      LF_CHECK(kData, end > at + 1, "Empty attribute in format string");
      value = get_attribute(value, std::string(name.substr(at + 1, end - at - 1)));
      return end;
    }
    LF_CHECK(kData, name[at] == '[', "Only '.' or '[' may follow ']' in format field specifier");
    const size_t end = name.find(']', at);
    LF_CHECK(kData, end != std::string_view::npos, "Missing ']' in format string");
    const std::string_view key = name.substr(at + 1, end - at - 1);
    LF_CHECK(kData, !key.empty(), "Empty attribute in format string");
    value = get_item(value, all_digits(key) ? Value::integer(number_of(key)) : Value::text(std::string(key)));
    return end + 1;
  }

  Value positional(int64_t index) const {
    LF_CHECK(kData, index < static_cast<int64_t>(args_.positional.size()),
             "Replacement index {} out of range for positional args tuple", index);
    return args_.positional[index];
  }

  Value named(std::string_view name) const {
    for (const auto& [key, value] : args_.named) {
      if (key == name) return value;
    }
    throw_error(ErrorKind::kData, "the key {} is missing", repr(name));
  }

  const Value& owner_;
  const Args& args_;
  int64_t next_ = 0;
  bool manual_ = false;
};

}  // namespace

Value format_braces(const Value& format, const Args& args) {
  constexpr int kDepth = 2;
  return Value::text(BraceFormatter(format, args).run(format.as_text(), kDepth), format.is_markup());
}

}  // namespace lf::jinja
