// json.dumps for values: keys of Python's simple types, floats as repr(), NaN and Infinity as they are.
#include <cmath>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  void write(const Value& value) {
    charge();
    switch (value.kind()) {
      case Kind::kNone:
        out_ += "null";
        break;
      case Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Kind::kInt:
        out_ += std::to_string(value.as_int());
        break;
      case Kind::kFloat:
        out_ += number(value.as_float());
        break;
      case Kind::kString:
        quote(value.as_text());
        break;
      case Kind::kList:
      case Kind::kTuple:
        write_list(value.items());
        break;
      case Kind::kDict:
        write_dict(value.as_dict());
        break;
      default:
        throw_error(ErrorKind::kData, "Object of type {} is not JSON serializable", type_name(value));
    }
    check_growing(out_);
  }

  std::string take() { return std::move(out_); }

 private:
  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    return python_float(value);
  }

  void line() {
    if (!style_.indent) return;
    out_ += '\n';
    for (int i = 0; i < level_; ++i) out_ += *style_.indent;
  }

  template <class Item>
  void block(const char* brackets, size_t count, const Item& item) {
    LF_CHECK(kData, count == 0 || style_.item_separator, "separators must be two strings");
    out_ += brackets[0];
    ++level_;
    for (size_t i = 0; i < count; ++i) {
      if (i) out_ += *style_.item_separator;
      line();
      item(i);
    }
    --level_;
    if (count) line();
    out_ += brackets[1];
  }

  void write_list(const std::vector<Value>& items) {
    block("[]", items.size(), [&](size_t i) { write(items[i]); });
  }

  void write_dict(const DictObject& dict) {
    std::vector<Value> keys, entries;
    for (const auto& [key, value] : dict.items) {
      keys.push_back(key);
      entries.push_back(Value::tuple({key, value}));
    }
    if (style_.sort_keys) entries = sorted(entries, keys, false);
    block("{}", entries.size(), [&](size_t i) {
      quote(key_text(entries[i].items()[0]));
      LF_CHECK(kData, style_.key_separator, "separators must be two strings");
      out_ += *style_.key_separator;
      write(entries[i].items()[1]);
    });
  }

  static std::string key_text(const Value& key) {
    switch (key.kind()) {
      case Kind::kString:
        return key.as_text();
      case Kind::kNone:
        return "null";
      case Kind::kBool:
        return key.as_bool() ? "true" : "false";
      case Kind::kInt:
        return std::to_string(key.as_int());
      case Kind::kFloat:
        return number(key.as_float());
      default:
        throw_error(ErrorKind::kData, "keys must be str, int, float, bool or None, not {}", type_name(key));
    }
  }

  void quote(std::string_view text) {
    out_ += '"';
    for_each_code_point(text, [&](char32_t c) { append(c); });
    out_ += '"';
  }

  void append(char32_t c) {
    constexpr std::string_view kShort = "\b\f\n\r\t", kLetters = "bfnrt";
    if (c == '"' || c == '\\') {
      (out_ += '\\') += static_cast<char>(c);
    } else if (const size_t at = c < 0x20 ? kShort.find(static_cast<char>(c)) : kShort.npos; at != kShort.npos) {
      (out_ += '\\') += kLetters[at];
    } else if (c < 0x20 || (style_.ensure_ascii && c >= 0x7F && c < 0x10000)) {
      out_ += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
    } else if (style_.ensure_ascii && c >= 0x10000) {
      const uint32_t rest = static_cast<uint32_t>(c) - 0x10000;
      out_ += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
    } else {
      append_utf8(out_, c);
    }
  }

  const JsonStyle& style_;
  std::string out_;
  int level_ = 0;
};

}  // namespace

std::string to_json(const Value& value, const JsonStyle& style) {
  JsonWriter writer(style);
  writer.write(value);
  return writer.take();
}

}  // namespace lf::jinja
