// pprint.pformat() with its standard settings: 80 columns, one blank of indent, sorted keys.
#include <algorithm>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

int64_t width_of(const std::string& text) { return static_cast<int64_t>(count_code_points(text)); }

std::string class_name(const Value& value) { return value.is_markup() ? "markupsafe.Markup" : type_name(value); }

/// a < b; what has no order goes by its class.
bool safely_less(const Value& a, const Value& b) {
  try {
    return less(a, b);
  } catch (const Error&) {
    if (a.is_undefined() || b.is_undefined()) throw;
    return class_name(a) < class_name(b);
  }
}

std::vector<size_t> safe_order(const std::vector<Value>& keys) {
  return sort_order(keys.size(), [&](size_t a, size_t b) { return safely_less(keys[a], keys[b]); });
}

std::vector<std::pair<Value, Value>> sorted_items(const DictObject& dict) {
  std::vector<Value> keys;
  for (const auto& item : dict.items) keys.push_back(item.first);
  std::vector<std::pair<Value, Value>> out;
  for (size_t i : safe_order(keys)) out.push_back(dict.items[i]);
  return out;
}

std::vector<Value> sorted_keys(const Value& set) {
  const std::vector<Value> keys = to_vector(set);
  std::vector<Value> out;
  for (size_t i : safe_order(keys)) out.push_back(keys[i]);
  return out;
}

/// repr() with sorted keys.
std::string safe_repr(const Value& value) {
  charge();
  if (value.is(Kind::kDict)) {
    std::string out = "{";
    for (const auto& [key, item] : sorted_items(value.as_dict()))
      out += (out.size() > 1 ? ", " : "") + safe_repr(key) + ": " + safe_repr(item);
    charge_text(out.size());
    return out + "}";
  }
  if (!value.is_sequence()) return repr(value);
  const bool list = value.is(Kind::kList);
  std::string out = list ? "[" : "(";
  for (const Value& item : value.items()) out += (out.size() > 1 ? ", " : "") + safe_repr(item);
  charge_text(out.size());
  return out + (list ? "]" : value.items().size() == 1 ? ",)" : ")");
}

class PrettyPrinter {
 public:
  void format(const Value& value, int64_t indent, int64_t allowance, int level) {
    const std::string text = safe_repr(value);
    if (width_of(text) <= kWidth - indent - allowance) {
      out_ += text;
    } else if (value.is(Kind::kDict)) {
      dict(value.as_dict(), indent, allowance, level);
    } else if (value.is_sequence()) {
      const bool list = value.is(Kind::kList);
      items(list ? '[' : '(', value.items(),
            list                        ? "]"
            : value.items().size() == 1 ? ",)"
                                        : ")",
            indent, allowance, level);
    } else if (value.is(Kind::kSet) && length_of(value) > 0) {
      items('{', sorted_keys(value), "}", indent, allowance, level);
    } else if (value.is_string() && !value.as_text().empty() && !value.is_markup()) {
      string(value.as_text(), indent, allowance, level + 1);
    } else {
      out_ += text;
    }
  }
  std::string take() { return std::move(out_); }

 private:
  static constexpr int64_t kWidth = 80;

  void new_line(int64_t indent) {
    charge_text(out_.size() / 64);
    out_ += "\n" + std::string(static_cast<size_t>(indent), ' ');
  }

  void dict(const DictObject& value, int64_t indent, int64_t allowance, int level) {
    out_ += '{';
    const auto items = sorted_items(value);
    for (size_t i = 0; i < items.size(); ++i) {
      const bool last = i + 1 == items.size();
      const std::string key = safe_repr(items[i].first);
      out_ += key + ": ";
      format(items[i].second, indent + 1 + width_of(key) + 2, last ? allowance + 1 : 1, level + 1);
      if (last) continue;
      out_ += ',';
      new_line(indent + 1);
    }
    out_ += '}';
  }

  void items(char open, const std::vector<Value>& items, const std::string& close, int64_t indent, int64_t allowance,
             int level) {
    out_ += open;
    for (size_t i = 0; i < items.size(); ++i) {
      const bool last = i + 1 == items.size();
      format(items[i], indent + 1, last ? allowance + static_cast<int64_t>(close.size()) : 1, level + 1);
      if (last) continue;
      out_ += ',';
      new_line(indent + 1);
    }
    out_ += close;
  }

  /// Words with the blanks behind them.
  static std::vector<std::string> words(std::string_view line) {
    std::vector<std::string> parts;
    std::string part;
    bool blanks = false;
    for_each_code_point(line, [&](char32_t c) {
      if (!is_space(c) && blanks) parts.push_back(std::exchange(part, ""));
      blanks = is_space(c);
      append_utf8(part, c);
    });
    if (!part.empty()) parts.push_back(std::move(part));
    return parts;
  }

  void string(const std::string& text, int64_t indent, int64_t allowance, int level) {
    if (level == 1) {
      ++indent;
      ++allowance;
    }
    const int64_t width = kWidth - indent;
    const std::vector<std::string_view> lines = split_lines(text, true);
    std::vector<std::string> chunks;
    for (size_t i = 0; i < lines.size(); ++i) {
      const bool last = i + 1 == lines.size();
      const std::string whole = repr(lines[i]);
      if (width_of(whole) <= width - (last ? allowance : 0)) {
        chunks.push_back(whole);
        continue;
      }
      split_line(lines[i], width, last ? allowance : 0, chunks);
    }
    const bool parentheses = level == 1 && chunks.size() > 1;
    if (parentheses) out_ += '(';
    for (size_t i = 0; i < chunks.size(); ++i) {
      if (i) new_line(indent);
      out_ += chunks[i];
    }
    if (parentheses) out_ += ')';
  }

  static void split_line(std::string_view line, int64_t width, int64_t allowance, std::vector<std::string>& chunks) {
    const std::vector<std::string> parts = words(line);
    std::string current;
    for (size_t j = 0; j < parts.size(); ++j) {
      charge();
      if (j + 1 == parts.size()) width -= allowance;
      if (width_of(repr(current + parts[j])) > width) {
        if (!current.empty()) chunks.push_back(repr(current));
        current = parts[j];
      } else {
        current += parts[j];
      }
    }
    if (!current.empty()) chunks.push_back(repr(current));
  }

  std::string out_;
};

}  // namespace

std::string pretty(const Value& value) {
  PrettyPrinter printer;
  printer.format(value, 0, 0, 0);
  return printer.take();
}

}  // namespace lf::jinja
