// Comparison of values as Python does it. All of these count steps.
#pragma once
#include "templates/jinja/value.h"

namespace lf::jinja {

bool equals(const Value& a, const Value& b);
/// a < b; kData for types that have no order.
bool less(const Value& a, const Value& b);
/// `is`: the very same object.
bool same_object(const Value& a, const Value& b);
/// Sets, keys() and items(): what compares as sets do.
bool is_set_like(const Value& value);
/// False for lists, dicts, their views, sets, and tuples that hold one.
bool is_hashable(const Value& value);
/// hash(value); kData for what is not hashable.
size_t hash_of(const Value& value);
/// `item in container`.
bool contains(const Value& container, const Value& item);

enum class Order { kLess, kLessEqual, kGreater, kGreaterEqual };
bool ordered(Order order, const Value& a, const Value& b);
/// Places 0 ... count - 1 in the order of Python's stable sort. `less` need not be an order (nan, subsets): up to 63
/// places it is asked what Python asks.
std::vector<size_t> sort_order(size_t count, const std::function<bool(size_t, size_t)>& less);
/// Stable, by `less` of the keys; keys[i] belongs to items[i]. With `reverse`, equal ones keep their order too.
std::vector<Value> sorted(const std::vector<Value>& items, const std::vector<Value>& keys, bool reverse);

}  // namespace lf::jinja
