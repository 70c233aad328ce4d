#include "templates/jinja/repr.h"

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/interp.h"
#include "templates/jinja/loop.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

class ReprWriter {
 public:
  explicit ReprWriter(std::string& out) : out_(out) {}

  void write(const Value& value) {
    charge();
    LF_CHECK(kData, ++depth_ <= kMaxDepth, "a value is nested too deeply to be printed");
    write_value(value);
    --depth_;
    check_growing(out_);
  }

 private:
  static constexpr int kMaxDepth = 300;

  void write_value(const Value& value) {
    switch (value.kind()) {
      case Kind::kMissing:
      case Kind::kUndefined:
        out_ += "Undefined";
        return;
      case Kind::kString:
        out_ += value.is_markup() ? "Markup(" + repr(value.as_text()) + ")" : repr(value.as_text());
        return;
      case Kind::kList:
        return write_items("[", value.items(), "]");
      case Kind::kTuple:
        return write_items("(", value.items(), value.items().size() == 1 ? ",)" : ")");
      case Kind::kDict:
        return write_dict(value.as_dict());
      case Kind::kView:
        out_ += type_name(value) + "(";
        write_items("[", to_vector(value), "]");
        out_ += ")";
        return;
      case Kind::kSet:
        if (length_of(value) == 0)
          out_ += "set()";
        else
          write_items("{", to_vector(value), "}");
        return;
      case Kind::kNamespace:
        return write_namespace(value);
      default:
        out_ += to_text(value);
    }
  }

  void write_items(const char* open, const std::vector<Value>& items, const char* close) {
    out_ += open;
    for (size_t i = 0; i < items.size(); ++i) {
      if (i) out_ += ", ";
      write(items[i]);
    }
    out_ += close;
  }

  void write_dict(const DictObject& dict) {
    out_ += "{";
    for (size_t i = 0; i < dict.items.size(); ++i) {
      if (i) out_ += ", ";
      write(dict.items[i].first);
      out_ += ": ";
      write(dict.items[i].second);
    }
    out_ += "}";
  }

  void write_namespace(const Value& value) {
    out_ += "<Namespace ";
    for (const Object* open : open_) {
      if (open == value.pointer().get()) {
        out_ += "{...}>";
        return;
      }
    }
    open_.push_back(value.pointer().get());
    DictObject members;
    for (const auto& [name, member] : value.as<NamespaceObject>().members) members.set(Value::text(name), member);
    write_dict(members);
    out_ += ">";
    open_.pop_back();
  }

  std::string& out_;
  int depth_ = 0;
  std::vector<const Object*> open_;
};

std::string range_text(const RangeObject& range) {
  const std::string text = fmt::format("range({}, {}", range.start, range.stop);
  return range.step == 1 ? text + ")" : fmt::format("{}, {})", text, range.step);
}

void append_escaped(std::string& out, char32_t c) {
  if (c == '\n')
    out += "\\n";
  else if (c == '\r')
    out += "\\r";
  else if (c == '\t')
    out += "\\t";
  else if (c < 0x100)
    out += fmt::format("\\x{:02x}", static_cast<uint32_t>(c));
  else if (c < 0x10000)
    out += fmt::format("\\u{:04x}", static_cast<uint32_t>(c));
  else
    out += fmt::format("\\U{:08x}", static_cast<uint32_t>(c));
}

}  // namespace

std::string repr(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos, twofold = text.find('"') != std::string_view::npos;
  const char quote = single && !twofold ? '"' : '\'';
  std::string out(1, quote);
  for_each_code_point(text, [&](char32_t c) {
    if (c == static_cast<char32_t>(quote) || c == '\\')
      (out += '\\') += static_cast<char>(c);
    else if (c >= ' ' && c < 0x7F)
      out += static_cast<char>(c);
    else if (c >= 0x80 && is_printable(c))
      append_utf8(out, c);
    else
      append_escaped(out, c);
  });
  return out += quote;
}

std::string ascii_repr(const Value& value) {
  std::string out;
  for_each_code_point(repr(value), [&](char32_t c) {
    if (c < 0x80)
      out += static_cast<char>(c);
    else
      append_escaped(out, c);
  });
  return out;
}

std::string repr(const Value& value) {
  std::string out;
  ReprWriter(out).write(value);
  return out;
}

std::string to_text(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
      return "";
    case Kind::kNone:
      return "None";
    case Kind::kBool:
      return value.as_bool() ? "True" : "False";
    case Kind::kInt:
      return std::to_string(value.as_int());
    case Kind::kFloat:
      return python_float(value.as_float());
    case Kind::kString:
      return value.as_text();
    case Kind::kRange:
      return range_text(value.as<RangeObject>());
    case Kind::kIterator:
      return "<generator object>";
    case Kind::kCallable:
      return value.as<CallableObject>().text;
    case Kind::kMacro:
      return "<Macro " + macro_name(value) + ">";
    case Kind::kLoop:
      return loop_text(value.as<LoopObject>());
    case Kind::kCycler:
    case Kind::kJoiner:
      return "<" + type_name(value) + " object>";
    default:
      return repr(value);
  }
}

}  // namespace lf::jinja
