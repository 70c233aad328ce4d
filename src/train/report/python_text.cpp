#include "train/report/python_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

namespace lf {
namespace {

constexpr std::string_view kMark = "\x01lf-number:";  // control characters never occur raw inside JSON strings

double named_number(std::string_view name) {
  if (name == "NaN") return std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  return name == "Infinity" ? infinity : -infinity;
}

/// Copies a JSON string that starts at `at` (a quote) to `out`; returns the position behind its closing quote.
size_t copy_string(std::string_view text, size_t at, std::string& out) {
  const size_t begin = at++;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  at = std::min(at + 1, text.size());
  out += text.substr(begin, at - begin);
  return at;
}

void restore_numbers(Json& value) {
  if (value.is_structured()) {
    for (Json& child : value) restore_numbers(child);
  } else if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    if (text.starts_with(kMark)) value = named_number(std::string_view(text).substr(kMark.size()));
  }
}

void append_escape(std::string& out, uint32_t code) {
  if (code >= 0x10000) {
    code -= 0x10000;
    out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF));
  } else {
    out += fmt::format("\\u{:04x}", code);
  }
}

}  // namespace

double python_round(double value, int digits) {
  if (!std::isfinite(value)) return value;
  return std::strtod(fmt::format("{:.{}f}", value, digits).c_str(), nullptr);
}

Json with_sorted_keys(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& child : value) out.push_back(with_sorted_keys(child));
    return out;
  }
  if (!value.is_object()) return value;
  std::vector<std::string> keys;
  for (auto it = value.begin(); it != value.end(); ++it) keys.push_back(it.key());
  std::sort(keys.begin(), keys.end());
  Json out = Json::object();
  for (const std::string& key : keys) out[key] = with_sorted_keys(value.at(key));
  return out;
}

std::string python_json_ascii(const Json& value, int indent) {
  const std::string text = python_json(value, indent);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) {
      out += static_cast<char>(lead);
      continue;
    }
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    uint32_t code = lead & (0x3F >> more);
    for (int k = 0; k < more && i < text.size(); ++k) code = code << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    append_escape(out, code);
  }
  return out;
}

Json parse_python_json(std::string_view text, std::string_view where) {
  std::string plain;
  plain.reserve(text.size());
  bool replaced = false;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = copy_string(text, at, plain);
      continue;
    }
    std::string_view found;
    for (std::string_view name : {"NaN", "-Infinity", "Infinity"}) {
      if (text.substr(at, name.size()) == name) found = name;
    }
    if (found.empty()) {
      plain += text[at++];
      continue;
    }
    plain += fmt::format("\"\\u0001{}{}\"", kMark.substr(1), found);
    replaced = true;
    at += found.size();
  }
  if (!replaced) return parse_json(text, where);
  Json value = parse_json(plain, where);
  restore_numbers(value);
  return value;
}

std::string python_repr(std::string_view text) {
  const bool doubled = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = doubled ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + quote;
}

std::string python_value_str(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  if (value.is_number_float()) return python_float(value.get<double>());
  return python_json(value);
}

}  // namespace lf
