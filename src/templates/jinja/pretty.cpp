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

/// Keys that have no order keep theirs.
std::vector<std::pair<Value, Value>> sorted_items(const DictObject& dict) {
  std::vector<Value> keys, indices;
  for (size_t i = 0; i < dict.items.size(); ++i) {
    keys.push_back(dict.items[i].first);
    indices.push_back(Value::integer(static_cast<int64_t>(i)));
  }
  std::vector<std::pair<Value, Value>> out;
  try {
    for (const Value& i : sorted(indices, keys, false)) out.push_back(dict.items[i.as_int()]);
  } catch (const Error&) {
    out = dict.items;
  }
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
      sequence(value, indent, allowance, level);
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

  void sequence(const Value& value, int64_t indent, int64_t allowance, int level) {
    const bool list = value.is(Kind::kList);
    const auto& items = value.items();
    const std::string close = list ? "]" : items.size() == 1 ? ",)" : ")";
    out_ += list ? '[' : '(';
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
