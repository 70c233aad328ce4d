// Methods of str.
#include <algorithm>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/number_format.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

constexpr size_t kNone = std::string::npos;

const std::string& text_of(const Value& value, const char* function) {
  LF_CHECK(kData, value.is_string(), "{}() argument must be str, not {}", function, type_name(value));
  return value.as_text();
}

int64_t int_of(const Value& value, const char* function) {
  LF_CHECK(kData, value.is_integral(), "'{}' object cannot be interpreted as an integer in {}()", type_name(value),
           function);
  return value.as_int();
}

template <std::string (*transform)(std::string_view)>
Value transformed(Interp&, const Value& self, const Args& args) {
  positional_only("str method", args, 0, 0);
  charge_text(self.as_text().size() * 8);
  return text_like(self, transform(self.as_text()));
}

template <std::string_view (*strip_side)(std::string_view, std::optional<std::string_view>)>
Value stripped(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("strip", args, 0, 1);
  std::optional<std::string_view> chars;
  if (!given.empty() && !given[0].is_none()) chars = text_of(given[0], "strip");
  return text_like(self, std::string(strip_side(self.as_text(), chars)));
}

Value split_method(const Value& self, const Args& args, bool right) {
  const Params params("split", args, {"sep", "maxsplit"});
  const int64_t most = params.integer(1, -1);
  const std::string& text = self.as_text();
  charge_text(text.size());
  if (!params.given(0)) return text_list(self, right ? split_blanks_right(text, most) : split_blanks(text, most));
  const std::string& separator = params.text(0);
  LF_CHECK(kData, !separator.empty(), "empty separator");
  return text_list(self, right ? split_at_right(text, separator, most) : split_at(text, separator, most));
}

Value split_left(Interp&, const Value& self, const Args& args) { return split_method(self, args, false); }
Value split_right(Interp&, const Value& self, const Args& args) { return split_method(self, args, true); }

Value splitlines(Interp&, const Value& self, const Args& args) {
  const Params params("splitlines", args, {"keepends"});
  return text_list(self, split_lines(self.as_text(), params.int_flag(0, false)));
}

Value replace(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("replace", args, 2, 3);
  const int64_t most = given.size() > 2 ? int_of(given[2], "replace") : -1;
  charge_text(self.as_text().size());
  text_of(given[0], "replace");
  if (!self.is_markup()) text_of(given[1], "replace");  // Markup escapes what it takes in, of any type
  return text_like(self, replaced(self.as_text(), given[0].as_text(), text_for(self, given[1]), most));
}

/// The part of the text between the optional bounds at given[1] and given[2]; nullopt when they exclude every match.
struct Part {
  size_t from, to;  // bytes
};

std::optional<Part> part_of(const Value& self, const std::vector<Value>& given, const char* function) {
  const StringObject& text = self.as_string();
  const int64_t length = static_cast<int64_t>(text.length);
  const auto bound = [&](size_t i, int64_t otherwise) {
    if (given.size() <= i || given[i].is_none()) return otherwise;
    const int64_t at = int_of(given[i], function);
    return at < 0 ? std::max<int64_t>(at < -length ? 0 : at + length, 0) : at;
  };
  const int64_t from = bound(1, 0), to = std::min(bound(2, length), length);
  if (from > to) return std::nullopt;
  return Part{byte_offset(text, static_cast<size_t>(from)), byte_offset(text, static_cast<size_t>(to))};
}

bool fixed_at(std::string_view text, const Value& affix, bool start, const char* function) {
  const std::string& what = text_of(affix, function);
  if (what.size() > text.size()) return false;
  return text.substr(start ? 0 : text.size() - what.size(), what.size()) == what;
}

Value has_affix(const Value& self, const Args& args, bool start, const char* function) {
  const auto& given = positional_only(function, args, 1, 3);
  const std::optional<Part> part = part_of(self, given, function);
  std::vector<Value> choices = {given[0]};
  if (given[0].is(Kind::kTuple)) choices = given[0].items();
  if (!part) {
    for (const Value& choice : choices) text_of(choice, function);
    return Value::boolean(false);
  }
  const std::string_view text = std::string_view(self.as_text()).substr(part->from, part->to - part->from);
  for (const Value& choice : choices) {
    if (fixed_at(text, choice, start, function)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Value startswith(Interp&, const Value& self, const Args& args) { return has_affix(self, args, true, "startswith"); }
Value endswith(Interp&, const Value& self, const Args& args) { return has_affix(self, args, false, "endswith"); }

int64_t position(const Value& self, const Args& args, bool right, const char* function) {
  const auto& given = positional_only(function, args, 1, 3);
  const std::string& what = text_of(given[0], function);
  charge_text(self.as_text().size());
  const std::optional<Part> part = part_of(self, given, function);
  if (!part) return -1;
  const std::string_view text = std::string_view(self.as_text()).substr(0, part->to);
  size_t at = kNone;
  if (!right)
    at = text.find(what, part->from);
  else if (what.size() <= text.size())
    at = text.rfind(what);
  if (at == kNone || at < part->from) return -1;
  return static_cast<int64_t>(code_point_index(self.as_string(), at));
}

int64_t found(int64_t at) {
  LF_CHECK(kData, at >= 0, "substring not found");
  return at;
}

Value find(Interp&, const Value& self, const Args& args) { return Value::integer(position(self, args, false, "find")); }
Value rfind(Interp&, const Value& self, const Args& args) {
  return Value::integer(position(self, args, true, "rfind"));
}
Value index(Interp&, const Value& self, const Args& args) {
  return Value::integer(found(position(self, args, false, "index")));
}
Value rindex(Interp&, const Value& self, const Args& args) {
  return Value::integer(found(position(self, args, true, "rindex")));
}

Value count(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("count", args, 1, 3);
  const std::string& what = text_of(given[0], "count");
  charge_text(self.as_text().size());
  const std::optional<Part> part = part_of(self, given, "count");
  if (!part) return Value::integer(0);
  const std::string_view text = std::string_view(self.as_text()).substr(part->from, part->to - part->from);
  if (what.empty()) return Value::integer(static_cast<int64_t>(count_code_points(text)) + 1);
  int64_t times = 0;
  for (size_t at = text.find(what); at != kNone; at = text.find(what, at + what.size())) ++times;
  return Value::integer(times);
}

Value join(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("join", args, 1, 1);
  std::string out;
  bool first = true;
  for (const Value& item : to_vector(given[0])) {
    LF_CHECK(kData, self.is_markup() || item.is_string(), "sequence item: expected str instance, {} found",
             type_name(item));
    if (!std::exchange(first, false)) out += self.as_text();
    out += text_for(self, item);
    check_growing(out);
  }
  return text_like(self, std::move(out));
}

Value partitioned(const Value& self, const Args& args, bool right) {
  const auto& given = positional_only("partition", args, 1, 1);
  const std::string &text = self.as_text(), &separator = text_of(given[0], "partition");
  LF_CHECK(kData, !separator.empty(), "empty separator");
  const size_t at = right ? text.rfind(separator) : text.find(separator);
  if (at == kNone) {
    const Value empty = text_like(self, "");
    return right ? Value::tuple({empty, empty, self}) : Value::tuple({self, empty, empty});
  }
  return Value::tuple({text_like(self, text.substr(0, at)), text_like(self, separator),
                       text_like(self, text.substr(at + separator.size()))});
}

Value partition(Interp&, const Value& self, const Args& args) { return partitioned(self, args, false); }
Value rpartition(Interp&, const Value& self, const Args& args) { return partitioned(self, args, true); }

Value removeprefix(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("removeprefix", args, 1, 1);
  const bool has = fixed_at(self.as_text(), given[0], true, "removeprefix");
  return text_like(self, self.as_text().substr(has ? given[0].as_text().size() : 0));
}

Value removesuffix(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("removesuffix", args, 1, 1);
  const bool has = fixed_at(self.as_text(), given[0], false, "removesuffix");
  return text_like(self, self.as_text().substr(0, self.as_text().size() - (has ? given[0].as_text().size() : 0)));
}

/// What fills up to a width: a character; Markup escapes what it is given, of any type.
std::string fill_of(const Value& self, std::span<const Value> given, const char* function) {
  if (given.size() < 2) return " ";
  const std::string fill = self.is_markup() ? text_for(self, given[1]) : text_of(given[1], function);
  LF_CHECK(kData, count_code_points(fill) == 1, "The fill character must be exactly one character long");
  return fill;
}

template <char align>
Value justified(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("just", args, 1, 2);
  const std::string fill = fill_of(self, given, "just");
  return text_like(self, padded(self.as_text(), int_of(given[0], "just"), fill, align));
}

Value center(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("center", args, 1, 2);
  const std::string fill = fill_of(self, given, "center");
  return text_like(self, centered(self.as_text(), int_of(given[0], "center"), fill));
}

Value zfill(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("zfill", args, 1, 1);
  const std::string& text = self.as_text();
  const bool sign = !text.empty() && (text[0] == '+' || text[0] == '-');
  const int64_t width = int_of(given[0], "zfill");
  return text_like(self, text.substr(0, sign) + padded(text.substr(sign), width - sign, "0", '>'));
}

Value expandtabs(Interp&, const Value& self, const Args& args) {
  const Params params("expandtabs", args, {"tabsize"});
  const int64_t size = params.integer(0, 8);
  LF_CHECK(kData, size >= INT32_MIN && size <= INT32_MAX, "the tab size {} does not fit in 32 bits", size);
  std::string out;
  int64_t column = 0;
  for_each_code_point(self.as_text(), [&](char32_t c) {
    if (c == '\t') {
      const int64_t blanks = size > 0 ? size - column % size : 0;
      charge_text(out.size() + static_cast<size_t>(blanks));
      out.append(static_cast<size_t>(blanks), ' ');
      column += blanks;
    } else {
      append_utf8(out, c);
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
  });
  return text_like(self, std::move(out));
}

Value format(Interp&, const Value& self, const Args& args) { return format_braces(self, args); }

Value format_map(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("format_map", args, 1, 1);
  LF_CHECK(kData, given[0].is(Kind::kDict), "format_map() needs a dict, not {}", type_name(given[0]));
  Args named;
  for (const auto& [key, value] : given[0].as_dict().items) {
    if (key.is_string()) named.named.emplace_back(key.as_text(), value);
  }
  return format_braces(self, named);
}

Value refused(Interp&, const Value&, const Args&) {
  throw_error(ErrorKind::kUnsupported, "encode, maketrans and translate are not supported in chat templates");
}

constexpr NamedBuiltin kMethods[] = {{"upper", transformed<upper_text>},
                                     {"lower", transformed<lower_text>},
                                     {"title", transformed<title_text>},
                                     {"capitalize", transformed<capital_text>},
                                     {"swapcase", transformed<swapped_case>},
                                     {"casefold", transformed<folded_case>},
                                     {"strip", stripped<strip>},
                                     {"lstrip", stripped<strip_left>},
                                     {"rstrip", stripped<strip_right>},
                                     {"split", split_left},
                                     {"rsplit", split_right},
                                     {"splitlines", splitlines},
                                     {"replace", replace},
                                     {"startswith", startswith},
                                     {"endswith", endswith},
                                     {"find", find},
                                     {"rfind", rfind},
                                     {"index", index},
                                     {"rindex", rindex},
                                     {"count", count},
                                     {"join", join},
                                     {"partition", partition},
                                     {"rpartition", rpartition},
                                     {"removeprefix", removeprefix},
                                     {"removesuffix", removesuffix},
                                     {"ljust", justified<'<'>},
                                     {"rjust", justified<'>'>},
                                     {"center", center},
                                     {"zfill", zfill},
                                     {"expandtabs", expandtabs},
                                     {"format", format},
                                     {"format_map", format_map},
                                     {"encode", refused},
                                     {"maketrans", refused},
                                     {"translate", refused}};

}  // namespace

std::span<const NamedBuiltin> text_methods() { return kMethods; }

Value text_like(const Value& owner, std::string text) { return Value::text(std::move(text), owner.is_markup()); }

Value text_list(const Value& owner, const std::vector<std::string_view>& parts) {
  std::vector<Value> items;
  items.reserve(parts.size());
  for (std::string_view part : parts) items.push_back(text_like(owner, std::string(part)));
  charge_items(items.size());
  return Value::list(std::move(items));
}

}  // namespace lf::jinja
