#include "data/source/json_row.h"

#include <charconv>
#include <cmath>
#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/utf8.h"

namespace lf {
namespace {

/// Recursive descent; recursion is bounded by kMaxRowDepth.
class RowParser {
 public:
  RowParser(std::string_view text, const RowPlace& place) : text_(text), place_(place) {}

  Json whole() {
    skip_blanks();
    Json value = parse_value();
    skip_blanks();
    if (at_ < text_.size()) fail("something follows the end of the value");
    return value;
  }

 private:
  [[noreturn]] void fail(std::string_view reason) const { fail_at(at_, reason); }
  [[noreturn]] void fail_at(size_t at, std::string_view reason) const {
    const size_t from = at > 30 ? at - 30 : 0;
    throw_error(ErrorKind::kData, "{}, byte {}: not valid JSON: {} (near: {})", describe(place_), place_.offset + at,
                reason, printable(text_.substr(std::min(from, text_.size()), 60)));
  }
  std::string found() const {
    return at_ >= text_.size() ? "the end of the row" : fmt::format("'{}'", printable(text_.substr(at_, 1)));
  }

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip_blanks() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }

  Json parse_value() {
    if (at_end()) fail("a value was expected but the row ends");
    switch (peek()) {
      case '{':
        return parse_object();
      case '[':
        return parse_array();
      case '"':
        return Json(parse_string());
      case 't':
        return word("true", Json(true));
      case 'f':
        return word("false", Json(false));
      case 'n':
        return word("null", Json(nullptr));
      case 'N':
      case 'I':
        refuse_python_number();
      default:
        return parse_number();
    }
  }

  Json word(std::string_view name, Json value) {
    if (text_.substr(at_, name.size()) != name) fail(fmt::format("a value was expected but found {}", found()));
    at_ += name.size();
    return value;
  }

  [[noreturn]] void refuse_python_number() {
    fail("NaN and Infinity are Python's, not JSON's; write null or a number");
  }

  void enter() {
    if (++depth_ > kMaxRowDepth) fail(fmt::format("nested deeper than {} levels", kMaxRowDepth));
  }

  Json parse_object() {
    enter();
    Json object = Json::object();
    std::unordered_set<std::string> keys;
    ++at_;
    skip_blanks();
    if (peek() == '}') return leave(object);
    while (true) {
      skip_blanks();
      if (peek() != '"') fail(fmt::format("a key in double quotes was expected but found {}", found()));
      const size_t key_at = at_;
      std::string key = parse_string();
      if (!keys.insert(key).second) fail_at(key_at, fmt::format("the key \"{}\" appears twice", printable(key, 60)));
      skip_blanks();
      if (peek() != ':') fail(fmt::format("':' was expected after the key but found {}", found()));
      ++at_;
      skip_blanks();
      object.get_ref<Json::object_t&>().emplace_back(std::move(key), parse_value());
      if (!more('}')) return leave(object);
    }
  }

  Json parse_array() {
    enter();
    Json array = Json::array();
    ++at_;
    skip_blanks();
    if (peek() == ']') return leave(array);
    while (true) {
      skip_blanks();
      array.push_back(parse_value());
      if (!more(']')) return leave(array);
    }
  }

  Json leave(Json& value) {
    ++at_;
    --depth_;
    return std::move(value);
  }

  /// After an element: true when another one follows.
  bool more(char close) {
    skip_blanks();
    if (peek() == close && !at_end()) return false;
    if (peek() != ',') fail(fmt::format("',' or '{}' was expected but found {}", close, found()));
    ++at_;
    skip_blanks();
    if (peek() == close) fail(fmt::format("a comma stands before '{}'", close));
    return true;
  }

  std::string parse_string() {
    const size_t open = at_++;
    std::string out;
    size_t plain = at_;
    while (true) {
      if (at_end()) fail_at(open, "this text has no closing quote");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') break;
      if (c < 0x20)
        fail(fmt::format("a raw control character (0x{:02x}) stands inside a text; write it as an escape", c));
      if (c == '\\') {
        out.append(text_, plain, at_ - plain);
        append_escape(out);
        plain = at_;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const size_t bytes = utf8_length(text_.substr(at_));
        if (bytes == 0) fail("not valid UTF-8");
        at_ += bytes;
      }
    }
    out.append(text_, plain, at_ - plain);
    ++at_;
    return out;
  }

  void append_escape(std::string& out) {
    const size_t start = at_++;
    const char kind = peek();
    ++at_;
    switch (kind) {
      case '"':
      case '\\':
      case '/':
        out += kind;
        return;
      case 'b':
        out += '\b';
        return;
      case 'f':
        out += '\f';
        return;
      case 'n':
        out += '\n';
        return;
      case 'r':
        out += '\r';
        return;
      case 't':
        out += '\t';
        return;
      case 'u':
        break;
      default:
        fail_at(start, "unknown escape");
    }
    uint32_t code = hex4(start);
    if (code >= 0xDC00 && code <= 0xDFFF) fail_at(start, "a lone low surrogate");
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (text_.substr(at_, 2) != "\\u") fail_at(start, "a lone high surrogate");
      at_ += 2;
      const uint32_t low = hex4(start);
      if (low < 0xDC00 || low > 0xDFFF) fail_at(start, "a lone high surrogate");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
  }

  uint32_t hex4(size_t start) {
    uint32_t code = 0;
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || result.ec != std::errc{} || result.ptr != digits.data() + 4)
      fail_at(start, "\\u needs four hex digits");
    at_ += 4;
    return code;
  }

  Json parse_number() {
    const size_t start = at_;
    bool fraction = false;
    if (peek() == '-') ++at_;
    if (peek() == 'I' || peek() == 'N') refuse_python_number();
    if (peek() == '0')
      ++at_;
    else
      digits(start);
    if (peek() == '.') {
      fraction = true;
      ++at_;
      digits(start);
    }
    if (peek() == 'e' || peek() == 'E') {
      fraction = true;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits(start);
    }
    return number(text_.substr(start, at_ - start), fraction, start);
  }

  void digits(size_t start) {
    if (peek() < '0' || peek() > '9') {
      if (at_ == start) fail(fmt::format("a value was expected but found {}", found()));
      fail_at(start, "not a number");
    }
    while (peek() >= '0' && peek() <= '9') ++at_;
  }

  Json number(std::string_view word, bool fraction, size_t start) {
    const char* end = word.data() + word.size();
    if (!fraction) {
      int64_t value = 0;
      if (std::from_chars(word.data(), end, value).ec == std::errc{}) return Json(value);
      uint64_t large = 0;
      if (word[0] != '-' && std::from_chars(word.data(), end, large).ec == std::errc{}) return Json(large);
    }
    double value = 0;
    const auto result = std::from_chars(word.data(), end, value);
    if (result.ec != std::errc{}) fail_at(start, "a number outside the range of a double");
    return Json(value);
  }

  std::string_view text_;
  const RowPlace& place_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string describe(const RowPlace& place) { return fmt::format("{}: row {}", place.file, place.number); }

Json parse_json_row(std::string_view text, const RowPlace& place) { return RowParser(text, place).whole(); }

}  // namespace lf
