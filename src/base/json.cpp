// Parsing goes through nlohmann's SAX interface: a copy or dump() of a value nested 10^6 deep would overflow the stack,
// so depth is bounded while reading, and duplicate keys are seen (the DOM parser keeps the last one in silence).
#include "base/json.h"

#include <charconv>
#include <cmath>
#include <unordered_set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lf {
namespace {

struct Position {
  size_t line = 1;
  size_t column = 1;
};

Position position_of(std::string_view text, size_t offset) {
  Position at;
  for (size_t i = 0; i < std::min(offset, text.size()); ++i) {
    if (text[i] == '\n') {
      ++at.line;
      at.column = 1;
    } else {
      ++at.column;
    }
  }
  return at;
}

/// The parts of nlohmann's message after "[json.exception.parse_error.101] parse error at line 1, column 2: ".
std::string reason_of(std::string message) {
  size_t colon = message.find("column");
  if (colon != std::string::npos) colon = message.find(": ", colon);
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

class GuardedSax {
 public:
  GuardedSax(Json& root, std::string_view text, std::string_view where, const JsonLimits& limits)
      : dom_(root, false), text_(text), where_(where), limits_(limits) {}

  bool null() { return dom_.null(); }
  bool boolean(bool value) { return dom_.boolean(value); }
  bool number_integer(int64_t value) { return dom_.number_integer(value); }
  bool number_unsigned(uint64_t value) { return dom_.number_unsigned(value); }
  bool number_float(double value, const std::string& text) { return dom_.number_float(value, text); }
  bool string(std::string& value) { return dom_.string(value); }
  bool binary(Json::binary_t& value) { return dom_.binary(value); }
  bool start_object(size_t size) {
    enter();
    keys_.emplace_back();
    return dom_.start_object(size);
  }
  bool key(std::string& name) {
    if (!limits_.allow_duplicate_keys && !keys_.back().insert(name).second) {
      throw_error(ErrorKind::kFormat, "{}: the key \"{}\" appears twice in one object", where_, printable(name));
    }
    return dom_.key(name);
  }
  bool end_object() {
    --depth_;
    keys_.pop_back();
    return dom_.end_object();
  }
  bool start_array(size_t size) {
    enter();
    return dom_.start_array(size);
  }
  bool end_array() {
    --depth_;
    return dom_.end_array();
  }
  bool parse_error(size_t offset, const std::string&, const nlohmann::detail::exception& error) {
    const size_t at_byte = offset == 0 ? 0 : offset - 1;
    const Position at = position_of(text_, at_byte);
    const size_t from = at_byte > 30 ? at_byte - 30 : 0;
    throw_error(ErrorKind::kFormat, "{}:{}:{}: not valid JSON: {} (near: {})", where_, at.line, at.column,
                printable(reason_of(error.what())), printable(text_.substr(std::min(from, text_.size()), 60)));
  }

 private:
  void enter() {
    if (++depth_ > limits_.max_depth) {
      throw_error(ErrorKind::kFormat, "{}: nested deeper than {} levels", where_, limits_.max_depth);
    }
  }

  nlohmann::detail::json_sax_dom_parser<Json> dom_;
  std::string_view text_;
  std::string_view where_;
  const JsonLimits& limits_;
  int depth_ = 0;
  std::vector<std::unordered_set<std::string>> keys_;
};

void append_string(std::string& out, const std::string& value) {
  out += Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_python(std::string& out, const Json& value, int indent, int level) {
  auto newline = [&](int at) {
    if (indent >= 0) out += "\n" + std::string(static_cast<size_t>(indent) * at, ' ');
  };
  const char* comma = indent >= 0 ? "," : ", ";
  if (value.is_object() || value.is_array()) {
    const bool object = value.is_object();
    if (value.empty()) {
      out += object ? "{}" : "[]";
      return;
    }
    out += object ? '{' : '[';
    bool first = true;
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (!first) out += comma;
      first = false;
      newline(level + 1);
      if (object) {
        append_string(out, it.key());
        out += ": ";
      }
      append_python(out, *it, indent, level + 1);
    }
    newline(level);
    out += object ? '}' : ']';
  } else if (value.is_number_float()) {
    double number = value.get<double>();
    if (std::isnan(number))
      out += "NaN";
    else if (std::isinf(number))
      out += number > 0 ? "Infinity" : "-Infinity";
    else
      out += python_float(number);
  } else if (value.is_string()) {
    append_string(out, value.get_ref<const std::string&>());
  } else {
    out += value.dump();
  }
}

}  // namespace

Json parse_json(std::string_view text, std::string_view where, const JsonLimits& limits) {
  Json root;
  GuardedSax sax(root, text, where, limits);
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {  // the parser would take it for the end
    const Position at = position_of(text, nul);
    throw_error(ErrorKind::kFormat, "{}:{}:{}: not valid JSON: a NUL byte", where, at.line, at.column);
  }
  Json::sax_parse(text.begin(), text.end(), &sax);
  return root;
}

Json read_json(const std::filesystem::path& path, const JsonLimits& limits) {
  return parse_json(read_file(path), path.string(), limits);
}

std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char digits[64];
  const double magnitude = std::fabs(value);
  const bool scientific = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16);
  auto result = std::to_chars(digits, digits + sizeof digits, value,
                              scientific ? std::chars_format::scientific : std::chars_format::fixed);
  std::string text(digits, result.ptr);
  if (!scientific && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string python_json(const Json& value, int indent) {
  std::string out;
  append_python(out, value, indent, 0);
  return out;
}

}  // namespace lf
