#include "templates/jinja/compare.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/set.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

/// Holds every int64_t and every double exactly.
using Wide = long double;
static_assert(std::numeric_limits<Wide>::digits >= 64);

Wide wide(const Value& value) {
  return value.is(Kind::kFloat) ? static_cast<Wide>(value.as_float()) : static_cast<Wide>(value.as_int());
}

bool equal_items(const std::vector<Value>& a, const std::vector<Value>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!same_object(a[i], b[i]) && !equals(a[i], b[i])) return false;
  }
  return true;
}

bool equal_dicts(const DictObject& a, const DictObject& b) {
  if (a.items.size() != b.items.size()) return false;
  for (const auto& [key, value] : a.items) {
    const Value* other = b.find(key);
    if (!other || (!same_object(value, *other) && !equals(value, *other))) return false;
  }
  return true;
}

bool equal_ranges(const RangeObject& a, const RangeObject& b) {
  if (a.length != b.length) return false;
  if (a.length == 0) return true;
  return a.start == b.start && (a.length == 1 || a.step == b.step);
}

bool is_subset(const Value& a, const Value& b) {
  for (const Value& item : to_vector(a)) {
    if (!contains(b, item)) return false;
  }
  return true;
}

[[noreturn]] void no_order(const char* sign, const Value& a, const Value& b) {
  for (const Value* value : {&a, &b}) {
    if (value->is_undefined()) throw_error(ErrorKind::kData, "{}", value->as<UndefinedObject>().hint);
  }
  throw_error(ErrorKind::kData, "'{}' not supported between instances of '{}' and '{}'", sign, type_name(a),
              type_name(b));
}

constexpr const char* kSigns[] = {"<", "<=", ">", ">="};

template <class T>
bool holds(Order order, const T& a, const T& b) {
  switch (order) {
    case Order::kLess:
      return a < b;
    case Order::kLessEqual:
      return a <= b;
    case Order::kGreater:
      return a > b;
    default:
      return a >= b;
  }
}

bool ordered_sets(Order order, const Value& a, const Value& b) {
  if (!holds(order, length_of(a), length_of(b))) return false;
  return order == Order::kLess || order == Order::kLessEqual ? is_subset(a, b) : is_subset(b, a);
}

bool is_single(const Value& text) {
  const std::string& bytes = text.as_text();
  const bool latin = bytes.size() < 2 || (bytes.size() == 2 && static_cast<unsigned char>(bytes[0]) <= 0xC3);
  return latin && !text.is_markup() && count_code_points(bytes) < 2;
}

}  // namespace

bool is_set_like(const Value& value) {
  return value.is(Kind::kSet) || (value.is(Kind::kView) && value.as<ViewObject>().part != ViewObject::Part::kValues);
}

bool same_object(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNone:
    case Kind::kMissing:
      return true;
    case Kind::kBool:
      return a.as_bool() == b.as_bool();
    case Kind::kInt:  // CPython keeps one object for each small integer
      return a.identity() == b.identity() || (a.as_int() == b.as_int() && a.as_int() >= -5 && a.as_int() <= 256);
    case Kind::kFloat:
      return a.identity() == b.identity();
    case Kind::kString:  // and one for each text of up to one character of Latin-1
      return a.pointer() == b.pointer() || (is_single(a) && is_single(b) && a.as_text() == b.as_text());
    default:
      return a.pointer() == b.pointer();
  }
}

bool equals(const Value& a, const Value& b) {
  charge();
  if (a.is_number() && b.is_number()) return wide(a) == wide(b);
  if (is_set_like(a) && is_set_like(b)) return length_of(a) == length_of(b) && is_subset(a, b);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return true;
    case Kind::kString:
      return a.as_text() == b.as_text();
    case Kind::kList:
    case Kind::kTuple:
      return equal_items(a.items(), b.items());
    case Kind::kDict:
      return equal_dicts(a.as_dict(), b.as_dict());
    case Kind::kRange:
      return equal_ranges(a.as<RangeObject>(), b.as<RangeObject>());
    default:
      return a.pointer() == b.pointer();
  }
}

bool ordered(Order order, const Value& a, const Value& b) {
  charge();
  if (a.is_number() && b.is_number()) return holds(order, wide(a), wide(b));
  if (a.is_string() && b.is_string()) return holds(order, a.as_text(), b.as_text());  // UTF-8 sorts as code points
  if (is_set_like(a) && is_set_like(b)) return ordered_sets(order, a, b);
  if (!a.is_sequence() || a.kind() != b.kind()) no_order(kSigns[static_cast<int>(order)], a, b);
  const auto& left = a.items();
  const auto& right = b.items();
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    if (!same_object(left[i], right[i]) && !equals(left[i], right[i])) return ordered(order, left[i], right[i]);
  }
  return holds(order, left.size(), right.size());
}

bool less(const Value& a, const Value& b) { return ordered(Order::kLess, a, b); }

bool is_hashable(const Value& value) {
  charge();
  if (value.is(Kind::kTuple)) return std::all_of(value.items().begin(), value.items().end(), is_hashable);
  return !value.is(Kind::kList) && !value.is(Kind::kDict) && !is_set_like(value);
}

size_t hash_of(const Value& value) {
  charge();
  switch (value.kind()) {
    case Kind::kString:
      return std::hash<std::string_view>()(value.as_text());
    case Kind::kBool:
    case Kind::kInt:
      return std::hash<double>()(static_cast<double>(value.as_int()));
    case Kind::kFloat:
      return std::hash<double>()(value.as_float());
    case Kind::kTuple: {
      size_t hash = 0x9E3779B97F4A7C15u;
      for (const Value& item : value.items()) hash = hash * 1000003u ^ hash_of(item);
      return hash;
    }
    case Kind::kList:
    case Kind::kDict:
    case Kind::kSet:
      throw_error(ErrorKind::kData, "unhashable type: '{}'", type_name(value));
    case Kind::kView:
      if (is_set_like(value)) throw_error(ErrorKind::kData, "unhashable type: '{}'", type_name(value));
      return std::hash<const void*>()(value.pointer().get());
    default:
      return static_cast<size_t>(value.kind());
  }
}

namespace {

bool range_contains(const RangeObject& range, const Value& item) {
  if (!item.is_number()) return false;
  for (int64_t i = 0; i < range.length; ++i) {
    charge();
    if (wide(item) == static_cast<Wide>(range.at(i))) return true;
  }
  return false;
}

bool view_contains(const ViewObject& view, const Value& item) {
  if (view.part == ViewObject::Part::kKeys) return view.dict.as_dict().find(item);
  if (view.part == ViewObject::Part::kItems) {
    if (!item.is(Kind::kTuple) || item.items().size() != 2) return false;
    const Value* found = view.dict.as_dict().find(item.items()[0]);
    return found && equals(*found, item.items()[1]);
  }
  for (const auto& entry : view.dict.as_dict().items) {
    if (same_object(entry.second, item) || equals(entry.second, item)) return true;
  }
  return false;
}

}  // namespace

bool contains(const Value& container, const Value& item) {
  charge();
  switch (container.kind()) {
    case Kind::kString:
      LF_CHECK(kData, item.is_string(), "'in <string>' requires string as left operand, not {}", type_name(item));
      charge_text(container.as_text().size());
      return container.as_text().find(item.as_text()) != std::string::npos;
    case Kind::kDict:
      return container.as_dict().find(item);
    case Kind::kRange:
      return range_contains(container.as<RangeObject>(), item);
    case Kind::kView:
      return view_contains(container.as<ViewObject>(), item);
    case Kind::kSet:  // of a set, Python asks for the immutable one with the same items, and no item is one
      return !item.is(Kind::kSet) && container.as<SetObject>().contains(item);
    default: {
      LF_CHECK(kData, is_iterable(container), "argument of type '{}' is not iterable", type_name(container));
      const auto walk = iterate(container);
      Value other;
      while (walk->next(other)) {
        if (same_object(other, item) || equals(other, item)) return true;
      }
      return false;
    }
  }
}

}  // namespace lf::jinja
