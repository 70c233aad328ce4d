// Scalar types of YAML 1.1 as OmegaConf reads them (PyYAML's rules with a better float), and quoting for writing.
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/json.h"
#include "base/strings.h"
#include "base/yaml.h"

namespace lf {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Upper, lower or Capital form of `word` (given in lower case), as YAML 1.1 has it.
bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  std::string upper(word), capital(word);
  for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
  capital[0] = upper[0];
  return text == word || text == upper || text == capital;
}

std::optional<bool> as_bool(std::string_view text) {
  for (std::string_view word : {"yes", "true", "on"}) {
    if (is_word(text, word)) return true;
  }
  for (std::string_view word : {"no", "false", "off"}) {
    if (is_word(text, word)) return false;
  }
  return std::nullopt;
}

std::string without_underscores(std::string_view text) {
  std::string plain;
  for (char c : text) {
    if (c != '_') plain += c;
  }
  return plain;
}

struct Digits {
  int base = 10;
  std::string text;
};

/// Base and digits of an integer without its sign; empty text when it is none.
Digits integer_digits(std::string_view body) {
  Digits digits;
  if (body.size() > 2 && body[0] == '0' && (body[1] == 'x' || body[1] == 'o' || body[1] == 'b')) {
    digits.base = body[1] == 'x' ? 16 : body[1] == 'o' ? 8 : 2;
    body.remove_prefix(2);
  } else if (body.size() > 1 && body[0] == '0') {
    digits.base = 8;
    body.remove_prefix(1);
  } else if (body.empty() || !is_digit(body[0])) {
    return digits;
  }
  digits.text = without_underscores(body);
  return digits;
}

std::optional<ScalarValue> as_integer(std::string_view text) {
  const bool negative = text[0] == '-';
  if (text[0] == '+' || negative) text.remove_prefix(1);
  const Digits digits = integer_digits(text);
  if (digits.text.empty()) return std::nullopt;
  uint64_t magnitude = 0;
  const char* end = digits.text.data() + digits.text.size();
  auto [stop, status] = std::from_chars(digits.text.data(), end, magnitude, digits.base);
  if (stop != end) return std::nullopt;
  ScalarValue value;
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (negative ? 1 : 0);
  if (status == std::errc::result_out_of_range || magnitude > limit) {
    value.type = ScalarType::kFloat;
    value.number = std::strtod(digits.text.c_str(), nullptr) * (negative ? -1 : 1);
    if (digits.base != 10) value.number = negative ? -HUGE_VAL : HUGE_VAL;
    return value;
  }
  value.type = ScalarType::kInt;
  value.integer = static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
  value.number = static_cast<double>(value.integer);
  return value;
}

/// digits with a point, an exponent or both; a lone integer is not a float.
bool is_float_syntax(std::string_view text) {
  size_t i = text[0] == '+' || text[0] == '-' ? 1 : 0;
  size_t before = 0, after = 0;
  for (; i < text.size() && (is_digit(text[i]) || (before && text[i] == '_')); ++i) ++before;
  const bool point = i < text.size() && text[i] == '.';
  if (point) {
    for (++i; i < text.size() && (is_digit(text[i]) || text[i] == '_'); ++i) after += is_digit(text[i]);
  }
  if (before + after == 0) return false;
  if (i == text.size()) return point;
  if (text[i] != 'e' && text[i] != 'E') return false;
  if (++i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  if (i == text.size()) return false;
  for (; i < text.size(); ++i) {
    if (!is_digit(text[i])) return false;
  }
  return true;
}

std::optional<double> as_float(std::string_view text) {
  std::string_view body = text;
  const bool negative = body[0] == '-';
  if (body[0] == '+' || negative) body.remove_prefix(1);
  if (body == ".inf" || body == ".Inf" || body == ".INF") return negative ? -HUGE_VAL : HUGE_VAL;
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::nan("");
  if (!is_float_syntax(text)) return std::nullopt;
  const std::string digits = without_underscores(body);
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) value = std::strtod(digits.c_str(), nullptr);
  return negative ? -value : value;
}

}  // namespace

ScalarValue resolve_scalar(std::string_view plain) {
  ScalarValue value;
  if (plain.empty() || plain == "~" || is_word(plain, "null")) {
    value.type = ScalarType::kNull;
  } else if (auto boolean = as_bool(plain)) {
    value.type = ScalarType::kBool;
    value.boolean = *boolean;
  } else if (auto integer = as_integer(plain)) {
    value = *integer;
  } else if (auto number = as_float(plain)) {
    value.type = ScalarType::kFloat;
    value.number = *number;
  }
  return value;
}

ScalarValue resolve_scalar(const YamlNode& node) {
  ScalarValue value;
  if (node.kind == YamlNode::Kind::kNull)
    value.type = ScalarType::kNull;
  else if (node.is_scalar() && !node.quoted)
    value = resolve_scalar(std::string_view(node.text));
  return value;
}

std::string yaml_quote(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";
  bool plain = resolve_scalar(text).type == ScalarType::kString && text != "..." &&
               kLetters.find(text[0]) != std::string_view::npos;
  for (char c : text) plain = plain && (kLetters.find(c) != std::string_view::npos || c == '-' || c == ',' || c == '+');
  if (plain) return std::string(text);
  std::string quoted = Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  return replace_all(std::move(quoted), "\x7f", "\\x7f");
}

}  // namespace lf
