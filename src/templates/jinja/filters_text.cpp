// Filters from text to text.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/number_format.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

/// soft_str: strings stay as they are.
Value soft(const Value& value) { return value.is_string() ? value : Value::text(to_text(value)); }

template <std::string (*transform)(std::string_view)>
Value transformed(Interp&, const Value& self, const Args& args) {
  const Params params("filter", args, {});
  const Value text = soft(self);
  charge_text(text.as_text().size() * 8);
  return text_like(text, transform(text.as_text()));
}

Value string(Interp&, const Value& self, const Args& args) {
  const Params params("string", args, {});
  return soft(self);
}

/// Words start after blanks and any of - ( { [ <.
Value title(Interp&, const Value& self, const Args& args) {
  const Params params("title", args, {});
  const Value text = soft(self);
  std::string out, word;
  const auto flush = [&] {
    if (word.empty()) return;
    const size_t first = code_point_at(word, 0).bytes;
    out += upper_text(word.substr(0, first)) + lower_text(std::string_view(word).substr(first));
    word.clear();
  };
  for_each_code_point(text.as_text(), [&](char32_t c) {
    const bool border = is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    if (!border) return append_utf8(word, c);
    flush();
    append_utf8(out, c);
  });
  flush();
  return text_like(Value::none(), std::move(out));
}

Value trim(Interp&, const Value& self, const Args& args) {
  const Params params("trim", args, {"chars"});
  const Value text = soft(self);
  std::optional<std::string_view> chars;
  if (params.given(0)) chars = params.text(0);
  return text_like(text, std::string(strip(text.as_text(), chars)));
}

Value replace(Interp&, const Value& self, const Args& args) {
  const Params params("replace", args, {"old", "new", "count"}, 2);
  const int64_t most = params.given(2) ? params.integer(2) : -1;
  const std::string text = to_text(self);
  charge_text(text.size());
  return Value::text(replaced(text, to_text(params[0]), to_text(params[1]), most));
}

Value center(Interp&, const Value& self, const Args& args) {
  const Params params("center", args, {"width"});
  const Value text = soft(self);
  return text_like(text, centered(text.as_text(), params.integer(0, 80), " "));
}

Value format(Interp&, const Value& self, const Args& args) {
  LF_CHECK(kData, args.positional.empty() || args.named.empty(),
           "can't handle positional and keyword arguments at the same time");
  if (args.named.empty()) return format_percent(soft(self), Value::tuple(args.positional));
  auto dict = std::make_shared<DictObject>();
  for (const auto& [name, value] : args.named) dict->set(Value::text(name), value);
  return format_percent(soft(self), make_dict(std::move(dict)));
}

Value truncate(Interp&, const Value& self, const Args& args) {
  const Params params("truncate", args, {"length", "killwords", "end", "leeway"});
  const Value length = params.has(0) ? params[0] : Value::integer(255);
  const Value leeway = params.given(3) ? params[3] : Value::integer(5);
  const Value end = params.has(2) ? params[2] : Value::text("...");
  const int64_t end_length = length_of(end);
  const auto at_least = [](const Value& value, int64_t least, std::string_view name) {
    LF_CHECK(kData, ordered(Order::kGreaterEqual, value, Value::integer(least)), "expected {} >= {}, got {}", name,
             least, repr(value));
  };
  at_least(length, end_length, "length");
  at_least(leeway, 0, "leeway");
  const Value most = binary_operation(Op::kAdd, length, leeway);
  if (ordered(Order::kLessEqual, Value::integer(length_of(self)), most)) return self;
  LF_CHECK(kData, self.is_string(), "truncate needs a str, not {}", type_name(self));
  LF_CHECK(kData, length.is_integral(), "length must be an integer, not {}", type_name(length));
  const std::string cut = self.as_text().substr(0, byte_offset(self.as_string(), length.as_int() - end_length));
  const size_t blank = params.flag(1, false) ? std::string::npos : cut.rfind(' ');
  return binary_operation(Op::kAdd, text_like(self, cut.substr(0, blank)), end);
}

Value wordcount(Interp&, const Value& self, const Args& args) {
  const Params params("wordcount", args, {});
  int64_t words = 0;
  bool inside = false;
  for_each_code_point(soft(self).as_text(), [&](char32_t c) {
    const bool word = is_word_character(c);
    words += word && !inside;
    inside = word;
  });
  return Value::integer(words);
}

std::string quoted(const Value& value, bool query) {
  constexpr std::string_view kSafe = "_.-~";
  std::string out;
  for (const char c : to_text(value)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain || kSafe.find(c) != kSafe.npos || (c == '/' && !query))
      out += c;
    else if (c == ' ' && query)
      out += '+';
    else
      out += fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return out;
}

Value urlencode(Interp&, const Value& self, const Args& args) {
  const Params params("urlencode", args, {});
  if (self.is_string() || !is_iterable(self)) return Value::text(quoted(self, false));
  std::string out;
  const auto add = [&](const Value& key, const Value& value) {
    if (!out.empty()) out += '&';
    out += quoted(key, true) + "=" + quoted(value, true);
    charge_text(out.size());
  };
  if (self.is(Kind::kDict)) {
    for (const auto& [key, value] : self.as_dict().items) add(key, value);
    return Value::text(std::move(out));
  }
  for (const Value& pair : to_vector(self)) {
    const std::vector<Value> both = to_vector(pair);
    LF_CHECK(kData, both.size() == 2, "urlencode needs pairs of a key and a value");
    add(both[0], both[1]);
  }
  return Value::text(std::move(out));
}

constexpr NamedBuiltin kFilters[] = {{"upper", transformed<upper_text>},
                                     {"lower", transformed<lower_text>},
                                     {"capitalize", transformed<capital_text>},
                                     {"string", string},
                                     {"title", title},
                                     {"trim", trim},
                                     {"replace", replace},
                                     {"center", center},
                                     {"format", format},
                                     {"truncate", truncate},
                                     {"wordcount", wordcount},
                                     {"urlencode", urlencode}};

}  // namespace

std::span<const NamedBuiltin> text_filters() { return kFilters; }

}  // namespace lf::jinja
