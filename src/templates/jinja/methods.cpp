// Methods of what is not str, the isdigit() family of str, and the look-up of methods.
#include "templates/jinja/methods.h"

#include <bit>
#include <cmath>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/loop.h"
#include "templates/jinja/number_format.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

template <bool (*test)(char32_t), bool empty = false>
Value every(Interp&, const Value& self, const Args& args) {
  positional_only("str method", args, 0, 0);
  bool good = empty || !self.as_text().empty();
  for_each_code_point(self.as_text(), [&](char32_t c) { good = good && test(c); });
  return Value::boolean(good);
}

template <bool (*test)(std::string_view)>
Value whole(Interp&, const Value& self, const Args& args) {
  positional_only("str method", args, 0, 0);
  return Value::boolean(test(self.as_text()));
}

bool is_ascii_point(char32_t c) { return c < 0x80; }

constexpr NamedBuiltin kTextTests[] = {{"isalpha", every<is_alpha>},
                                       {"isalnum", every<is_alnum>},
                                       {"isdecimal", every<is_decimal>},
                                       {"isdigit", every<is_digit>},
                                       {"isnumeric", every<is_numeric>},
                                       {"isspace", every<is_space>},
                                       {"isprintable", every<is_printable, true>},
                                       {"isascii", every<is_ascii_point, true>},
                                       {"islower", whole<is_lower_text>},
                                       {"isupper", whole<is_upper_text>},
                                       {"istitle", whole<is_title_text>},
                                       {"isidentifier", whole<is_identifier>}};

Value list_count(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("count", args, 1, 1);
  int64_t times = 0;
  const auto walk = iterate(self);
  Value item;
  while (walk->next(item)) times += same_object(item, given[0]) || equals(item, given[0]);
  return Value::integer(times);
}

Value list_index(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("index", args, 1, self.is(Kind::kRange) ? 1 : 3);
  const std::vector<Value> items = to_vector(self);
  const int64_t length = static_cast<int64_t>(items.size());
  const auto bound = [&](size_t i, int64_t otherwise) {
    if (given.size() <= i) return otherwise;
    LF_CHECK(kData, given[i].is_integral(), "slice indices must be integers");
    const int64_t at = given[i].as_int();
    return at < 0 ? std::max<int64_t>(at < -length ? 0 : at + length, 0) : at;
  };
  const int64_t from = bound(1, 0), to = std::min(bound(2, length), length);
  for (int64_t i = from; i < to; ++i) {
    if (same_object(items[i], given[0]) || equals(items[i], given[0])) return Value::integer(i);
  }
  throw_error(ErrorKind::kData, "the value is not in the {}", type_name(self));
}

Value list_copy(Interp&, const Value& self, const Args& args) {
  positional_only("copy", args, 0, 0);
  charge_items(self.items().size());
  return Value::list(self.items());
}

constexpr NamedBuiltin kListMethods[] = {{"count", list_count}, {"index", list_index}, {"copy", list_copy}};
constexpr NamedBuiltin kSequenceMethods[] = {{"count", list_count}, {"index", list_index}};

Value dict_get(Interp&, const Value& self, const Args& args) {
  const auto& given = positional_only("get", args, 1, 2);
  const Value* found = self.as_dict().find(given[0]);
  return found ? *found : given.size() > 1 ? given[1] : Value::none();
}

template <ViewObject::Part part>
Value dict_view(Interp&, const Value& self, const Args& args) {
  positional_only("dict view", args, 0, 0);
  return Value::object(Kind::kView, std::make_shared<ViewObject>(part, self));
}

Value dict_copy(Interp&, const Value& self, const Args& args) {
  positional_only("copy", args, 0, 0);
  auto copy = std::make_shared<DictObject>(self.as_dict());
  charge_items(copy->items.size());
  return make_dict(std::move(copy));
}

Value dict_fromkeys(Interp&, const Value&, const Args& args) {
  const auto& given = positional_only("fromkeys", args, 1, 2);
  auto dict = std::make_shared<DictObject>();
  for (const Value& key : to_vector(given[0])) dict->set(key, given.size() > 1 ? given[1] : Value::none());
  return make_dict(std::move(dict));
}

constexpr NamedBuiltin kDictMethods[] = {{"get", dict_get},
                                         {"keys", dict_view<ViewObject::Part::kKeys>},
                                         {"values", dict_view<ViewObject::Part::kValues>},
                                         {"items", dict_view<ViewObject::Part::kItems>},
                                         {"copy", dict_copy},
                                         {"fromkeys", dict_fromkeys}};

Value bit_length(Interp&, const Value& self, const Args& args) {
  positional_only("bit_length", args, 0, 0);
  return Value::integer(std::bit_width(magnitude_of(self.as_int())));
}

Value bit_count(Interp&, const Value& self, const Args& args) {
  positional_only("bit_count", args, 0, 0);
  return Value::integer(std::popcount(magnitude_of(self.as_int())));
}

Value is_integer(Interp&, const Value& self, const Args& args) {
  positional_only("is_integer", args, 0, 0);
  const double value = self.as_float();
  return Value::boolean(std::isfinite(value) && value == std::floor(value));
}

Value conjugate(Interp&, const Value& self, const Args& args) {
  positional_only("conjugate", args, 0, 0);
  return self.is(Kind::kFloat) ? self : Value::integer(self.as_int());
}

Value ratio(Interp&, const Value& self, const Args& args) {
  positional_only("as_integer_ratio", args, 0, 0);
  return Value::tuple({Value::integer(self.as_int()), Value::integer(1)});
}

constexpr NamedBuiltin kIntMethods[] = {
    {"bit_length", bit_length}, {"bit_count", bit_count}, {"conjugate", conjugate}, {"as_integer_ratio", ratio}};
constexpr NamedBuiltin kFloatMethods[] = {{"is_integer", is_integer}, {"conjugate", conjugate}};

Value cycler_next(Interp&, const Value& self, const Args& args) {
  positional_only("next", args, 0, 0);
  CyclerObject& cycler = self.as<CyclerObject>();
  const Value now = cycler.items[cycler.position];
  cycler.position = (cycler.position + 1) % cycler.items.size();
  return now;
}

Value cycler_reset(Interp&, const Value& self, const Args& args) {
  positional_only("reset", args, 0, 0);
  self.as<CyclerObject>().position = 0;
  return Value::none();
}

constexpr NamedBuiltin kCyclerMethods[] = {{"next", cycler_next}, {"reset", cycler_reset}};

}  // namespace

std::span<const NamedBuiltin> text_test_methods() { return kTextTests; }

std::span<const NamedBuiltin> methods_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kList:
      return kListMethods;
    case Kind::kTuple:
    case Kind::kRange:
      return kSequenceMethods;
    case Kind::kDict:
      return kDictMethods;
    case Kind::kBool:
    case Kind::kInt:
      return kIntMethods;
    case Kind::kFloat:
      return kFloatMethods;
    case Kind::kSet:
      return set_methods();
    case Kind::kView:
      if (is_set_like(value)) return view_methods();
      return {};
    case Kind::kCycler:
      return kCyclerMethods;
    default:
      return {};
  }
}

Builtin find_builtin(std::span<const NamedBuiltin> table, std::string_view name) {
  for (const NamedBuiltin& entry : table) {
    if (entry.name == name) return entry.run;
  }
  return nullptr;
}

Builtin find_method(const Value& self, std::string_view name) {
  if (!self.is_string()) return find_builtin(methods_of(self), name);
  const Builtin found = find_builtin(text_methods(), name);
  return found ? found : find_builtin(text_test_methods(), name);
}

}  // namespace lf::jinja
