// Parsing goes through nlohmann's SAX interface: a copy or dump() of a value nested 10^6 deep would overflow the stack,
// so depth is bounded while reading, and duplicate keys are seen (the DOM parser keeps the last one in silence). The
// values are put together here, because the DOM parser looks each key up among all keys before it.
#include "base/json.h"

#include <charconv>
#include <cmath>
#include <unordered_map>

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

/// The keys of an object that is being read, with their places once they are many.
class OpenObject {
 public:
  explicit OpenObject(Json::object_t& object) : entries_(object) {}

  /// The value of a key that was there before; null = a new key.
  Json* find(const std::string& name) {
    if (entries_.size() < kFew) {
      for (auto& [key, value] : entries_) {
        if (key == name) return &value;
      }
      return nullptr;
    }
    for (size_t i = places_.size(); i < entries_.size(); ++i) places_.emplace(entries_[i].first, i);
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &entries_[found->second].second;
  }
  Json* add(const std::string& name) { return &entries_.emplace_back(name, nullptr).second; }

 private:
  static constexpr size_t kFew = 16;

  Json::object_t::Container& entries_;
  std::unordered_map<std::string, size_t> places_;
};

/// Puts a value together. What is open cannot move: only the innermost object or array grows.
class JsonBuilder {
 public:
  explicit JsonBuilder(Json& root) : next_(&root) {}

  Json& put(Json value) {
    if (arrays_.empty() || !arrays_.back()) return *next_ = std::move(value);
    return arrays_.back()->emplace_back(std::move(value));
  }
  void open_object() {
    objects_.emplace_back(put(Json::object()).get_ref<Json::object_t&>());
    arrays_.push_back(nullptr);
  }
  void close_object() {
    objects_.pop_back();
    arrays_.pop_back();
  }
  void open_array() { arrays_.push_back(&put(Json::array()).get_ref<Json::array_t&>()); }
  void close_array() { arrays_.pop_back(); }
  /// Where the next value goes; false = the key was there before, and its value is replaced.
  bool key(const std::string& name) {
    OpenObject& object = objects_.back();
    next_ = object.find(name);
    if (next_) return false;
    next_ = object.add(name);
    return true;
  }

 private:
  Json* next_;
  std::vector<OpenObject> objects_;
  std::vector<Json::array_t*> arrays_;  // one for each level; null = an object
};

class GuardedSax {
 public:
  GuardedSax(Json& root, std::string_view text, std::string_view where, const JsonLimits& limits)
      : builder_(root), text_(text), where_(where), limits_(limits) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(int64_t value) { return put(value); }
  bool number_unsigned(uint64_t value) { return put(value); }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Json::binary_t& value) { return put(Json::binary(std::move(value))); }
  bool start_object(size_t) {
    enter();
    builder_.open_object();
    return true;
  }
  bool key(std::string& name) {
    if (!builder_.key(name) && !limits_.allow_duplicate_keys) {
      throw_error(ErrorKind::kFormat, "{}: the key \"{}\" appears twice in one object", where_, printable(name));
    }
    return true;
  }
  bool end_object() {
    --depth_;
    builder_.close_object();
    return true;
  }
  bool start_array(size_t) {
    enter();
    builder_.open_array();
    return true;
  }
  bool end_array() {
    --depth_;
    builder_.close_array();
    return true;
  }
  bool parse_error(size_t offset, const std::string&, const nlohmann::detail::exception& error) {
    const size_t at_byte = offset == 0 ? 0 : offset - 1;
    const Position at = position_of(text_, at_byte);
    const size_t from = at_byte > 30 ? at_byte - 30 : 0;
    throw_error(ErrorKind::kFormat, "{}:{}:{}: not valid JSON: {} (near: {})", where_, at.line, at.column,
                printable(reason_of(error.what())), printable(text_.substr(std::min(from, text_.size()), 60)));
  }

 private:
  bool put(Json value) {
    builder_.put(std::move(value));
    return true;
  }
  void enter() {
    if (++depth_ > limits_.max_depth) {
      throw_error(ErrorKind::kFormat, "{}: nested deeper than {} levels", where_, limits_.max_depth);
    }
  }

  JsonBuilder builder_;
  std::string_view text_;
  std::string_view where_;
  const JsonLimits& limits_;
  int depth_ = 0;
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
