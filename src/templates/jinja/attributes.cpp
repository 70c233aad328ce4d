// Attributes, items and slices, with the order of the sandbox: a.x looks for an attribute first, a[x] for an item.
#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/loop.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

/// Names of Python methods that change a list, a dict or a set: the sandbox hands out an undefined for them.
bool changes(const Value& owner, std::string_view name) {
  const auto among = [&](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  constexpr std::string_view kList[] = {"append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"};
  constexpr std::string_view kDict[] = {"clear", "pop", "popitem", "setdefault", "update"};
  constexpr std::string_view kSet[] = {"add",    "clear",  "difference_update",          "discard", "pop",
                                       "remove", "update", "symmetric_difference_update"};
  return (owner.is(Kind::kList) && among(kList)) || (owner.is(Kind::kDict) && among(kDict)) ||
         (owner.is(Kind::kSet) && among(kSet));
}

Value unsafe(const Value& owner, const std::string& name) {
  return Value::undefined(fmt::format("access to attribute '{}' of '{}' object is unsafe.", name, type_name(owner)));
}

Value range_attribute(const RangeObject& range, std::string_view name) {
  if (name == "start") return Value::integer(range.start);
  if (name == "stop") return Value::integer(range.stop);
  if (name == "step") return Value::integer(range.step);
  return {};
}

Value number_attribute(const Value& value, std::string_view name) {
  const bool integral = value.is_integral();
  if (name == "real") return integral ? Value::integer(value.as_int()) : value;
  if (name == "imag") return integral ? Value::integer(0) : Value::real(0);
  if (name == "numerator" && integral) return Value::integer(value.as_int());
  if (name == "denominator" && integral) return Value::integer(1);
  return {};
}

Value group_attribute(const Value& tuple, std::string_view name) {
  if (!tuple.as<ListObject>().named_group) return {};
  return name == "grouper" ? tuple.items()[0] : name == "list" ? tuple.items()[1] : Value();
}

Value cycler_attribute(const CyclerObject& cycler, std::string_view name) {
  if (name == "current") return cycler.items[cycler.position];
  if (name == "pos") return Value::integer(static_cast<int64_t>(cycler.position));
  if (name == "items") return Value::tuple(cycler.items);
  return {};
}

Value joiner_attribute(const JoinerObject& joiner, std::string_view name) {
  if (name == "sep") return joiner.separator;
  if (name == "used") return Value::boolean(joiner.used);
  return {};
}

/// The class dict gives generic aliases (dict[x], and dict.x for most names) and methods without an owner in Python.
void refuse_parts_of_dict(const Value& owner) {
  if (owner.is(Kind::kCallable) && owner.as<CallableObject>().text == "<class 'dict'>")
    throw_error(ErrorKind::kUnsupported, "attributes and items of the class dict are not supported in chat templates");
}

Value data_attribute(const Value& owner, std::string_view name) {
  switch (owner.kind()) {
    case Kind::kCallable:
      refuse_parts_of_dict(owner);
      return {};
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return number_attribute(owner, name);
    case Kind::kTuple:
      return group_attribute(owner, name);
    case Kind::kRange:
      return range_attribute(owner.as<RangeObject>(), name);
    case Kind::kLoop:
      return loop_attribute(owner, name);
    case Kind::kMacro:
      return macro_attribute(owner, name);
    case Kind::kView:
      if (name == "mapping")
        throw_error(ErrorKind::kUnsupported, "mapping of dict views is not supported in chat templates");
      return {};
    case Kind::kCycler:
      return cycler_attribute(owner.as<CyclerObject>(), name);
    case Kind::kJoiner:
      return joiner_attribute(owner.as<JoinerObject>(), name);
    default:
      return {};
  }
}

Value no_attribute(const Value& owner, const std::string& name) {
  return Value::undefined(owner.is_none() ? fmt::format("'None' has no attribute '{}'", name)
                                          : fmt::format("'{} object' has no attribute '{}'", type_name(owner), name));
}

/// obj[key]; missing for Python's TypeError and LookupError.
Value item_only(const Value& owner, const Value& key) {
  if (owner.is(Kind::kDict)) {
    if (!is_hashable(key)) return {};
    const Value* found = key.is_string() ? owner.as_dict().find(key.as_text()) : owner.as_dict().find(key);
    return found ? *found : Value();
  }
  refuse_parts_of_dict(owner);
  if (!key.is_integral()) return {};
  if (!owner.is_string() && !owner.is_sequence() && !owner.is(Kind::kRange)) return {};
  const int64_t length = length_of(owner);
  int64_t index = key.as_int();
  if (index < 0) index += length;
  if (index < 0 || index >= length) return {};
  if (owner.is(Kind::kRange)) return Value::integer(owner.as<RangeObject>().at(index));
  if (!owner.is_string()) return owner.items()[index];
  const StringObject& text = owner.as_string();
  const size_t at = byte_offset(text, static_cast<size_t>(index));
  return Value::text(text.text.substr(at, code_point_at(text.text, at).bytes), text.markup);
}

}  // namespace

Value attribute_only(const Value& owner, const std::string& name) {
  if (owner.is_undefined()) throw_error(ErrorKind::kData, "{}", owner.as<UndefinedObject>().hint);
  if (owner.is(Kind::kNamespace)) {
    const Value* found = owner.as<NamespaceObject>().find(name);
    if (!found) return {};
    return name[0] == '_' ? unsafe(owner, name) : *found;
  }
  if (changes(owner, name)) return unsafe(owner, name);
  if (Builtin method = find_method(owner, name)) {
    return Value::object(Kind::kCallable,
                         std::make_shared<CallableObject>(
                             fmt::format("<built-in method {} of {} object>", name, type_name(owner)), method, owner));
  }
  return data_attribute(owner, name);
}

Value get_attribute(const Value& owner, const std::string& name) {
  Value found = attribute_only(owner, name);
  if (found.is_missing() && owner.is(Kind::kDict)) found = item_only(owner, Value::text(name));
  return found.is_missing() ? no_attribute(owner, name) : found;
}

Value get_item(const Value& owner, const Value& key) {
  if (owner.is_undefined()) throw_error(ErrorKind::kData, "{}", owner.as<UndefinedObject>().hint);
  Value found = item_only(owner, key);
  if (!found.is_missing()) return found;
  if (!key.is_string())
    return Value::undefined(fmt::format("{} object has no element {}", type_name(owner), repr(key)));
  found = attribute_only(owner, key.as_text());
  return found.is_missing() ? no_attribute(owner, key.as_text()) : found;
}

namespace {

struct Span {
  int64_t start, stop, count, step;
};

int64_t bound(const Value& value, int64_t otherwise) {
  if (value.is_none()) return otherwise;
  if (value.is_undefined()) throw_error(ErrorKind::kData, "slice indices must be integers or None");
  LF_CHECK(kData, value.is_integral(), "slice indices must be integers or None, not {}", type_name(value));
  return value.as_int();
}

/// PySlice_AdjustIndices.
Span span_of(int64_t length, const Value& start, const Value& stop, const Value& step_value) {
  const int64_t step = std::max(bound(step_value, 1), -INT64_MAX);
  LF_CHECK(kData, step != 0, "slice step cannot be zero");
  const auto clamp = [&](int64_t at) {
    if (at < 0) at = at < -length ? -1 : at + length;
    const int64_t low = step < 0 ? -1 : 0, high = step < 0 ? length - 1 : length;
    return std::clamp(at, low, std::max(low, high));
  };
  const int64_t first = start.is_none() ? (step < 0 ? length - 1 : 0) : clamp(bound(start, 0));
  const int64_t last = stop.is_none() ? (step < 0 ? -1 : length) : clamp(bound(stop, 0));
  if (step > 0) return {first, last, first < last ? (last - first - 1) / step + 1 : 0, step};
  return {first, last, last < first ? (first - last - 1) / -step + 1 : 0, step};
}

Value text_slice(const StringObject& text, const Span& span) {
  if (span.step == 1 || text.ascii()) {
    if (span.step == 1) {
      const size_t from = byte_offset(text, span.start), to = byte_offset(text, span.start + span.count);
      return Value::text(text.text.substr(from, to - from), text.markup);
    }
    std::string out;
    for (int64_t i = 0; i < span.count; ++i) out += text.text[span.start + i * span.step];
    return Value::text(std::move(out), text.markup);
  }
  std::vector<std::string_view> points;
  for (size_t at = 0; at < text.text.size(); at += points.back().size())
    points.push_back(std::string_view(text.text).substr(at, code_point_at(text.text, at).bytes));
  std::string out;
  for (int64_t i = 0; i < span.count; ++i) out += points[span.start + i * span.step];
  return Value::text(std::move(out), text.markup);
}

}  // namespace

Value get_slice(const Value& owner, const Value& start, const Value& stop, const Value& step) {
  refuse_parts_of_dict(owner);
  if (owner.is_undefined()) throw_error(ErrorKind::kData, "{}", owner.as<UndefinedObject>().hint);
  LF_CHECK(kData, owner.is_string() || owner.is_sequence() || owner.is(Kind::kRange),
           "'{}' object is not subscriptable by slices", type_name(owner));
  const Span span = span_of(length_of(owner), start, stop, step);
  if (owner.is_string()) return text_slice(owner.as_string(), span);
  if (owner.is(Kind::kRange)) {
    const RangeObject& range = owner.as<RangeObject>();
    const auto bounded = [](__int128 value) {
      LF_CHECK(kData, value >= INT64_MIN && value <= INT64_MAX, "integers beyond 64 bits are not supported");
      return static_cast<int64_t>(value);
    };
    const auto at = [&](__int128 i) { return bounded(range.start + i * range.step); };
    const int64_t stride = bounded(static_cast<__int128>(range.step) * span.step);
    return Value::object(Kind::kRange, std::make_shared<RangeObject>(at(span.start), at(span.stop), stride));
  }
  charge_items(static_cast<size_t>(span.count));
  std::vector<Value> out;
  for (int64_t i = 0; i < span.count; ++i) out.push_back(owner.items()[span.start + i * span.step]);
  return owner.is(Kind::kList) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

}  // namespace lf::jinja
