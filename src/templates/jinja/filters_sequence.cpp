// Filters over sequences: ends, joining, cutting into parts.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

Value length(Interp&, const Value& self, const Args& args) {
  positional_only("len", args, 0, 0);
  return Value::integer(length_of(self));
}

Value list(Interp&, const Value& self, const Args& args) {
  const Params params("list", args, {});
  return Value::list(to_vector(self));
}

Value first(Interp&, const Value& self, const Args& args) {
  const Params params("first", args, {});
  Value item;
  return iterate(self)->next(item) ? item : Value::undefined("No first item, sequence was empty.");
}

/// What Python's reversed() takes.
bool is_reversible(const Value& value) { return has_length(value) && !value.is(Kind::kLoop) && !value.is(Kind::kSet); }

std::vector<Value> reversed(const Value& value) {
  std::vector<Value> items = to_vector(value);
  std::reverse(items.begin(), items.end());
  return items;
}

Value last(Interp&, const Value& self, const Args& args) {
  const Params params("last", args, {});
  LF_CHECK(kData, is_reversible(self), "'{}' object is not reversible", type_name(self));
  const std::vector<Value> items = to_vector(self);
  return items.empty() ? Value::undefined("No last item, sequence was empty.") : items.back();
}

/// Walks items that are made when the walk begins.
Value lazily(const Value& self, std::function<std::vector<Value>()> make) {
  return make_iterator(self.depth() + 1, [make = std::move(make), items = std::vector<Value>(), at = size_t{0},
                                          made = false](Value& out) mutable {
    if (!std::exchange(made, true)) items = make();
    if (at == items.size()) return false;
    charge();
    out = items[at++];
    return true;
  });
}

Value reverse(Interp&, const Value& self, const Args& args) {
  const Params params("reverse", args, {});
  if (self.is_string()) return Value::text(reversed_text(self.as_text()), self.is_markup());
  if (is_reversible(self)) return lazily(self, [self] { return reversed(self); });
  LF_CHECK(kData, is_iterable(self), "argument must be iterable");
  return Value::list(reversed(self));
}

Value join(Interp&, const Value& self, const Args& args) {
  const Params params("join", args, {"d", "attribute"});
  const std::string separator = params.has(0) ? to_text(params[0]) : "";
  const AttributePath path(params.has(1) ? params[1] : Value::none());
  const auto walk = iterate(self);
  std::string out;
  Value item;
  for (bool start = true; walk->next(item);) {
    if (!std::exchange(start, false)) out += separator;
    out += to_text(path(item));
    check_growing(out);
  }
  return Value::text(std::move(out));
}

Value items(Interp&, const Value& self, const Args& args) {
  const Params params("items", args, {});
  return lazily(self, [self]() -> std::vector<Value> {
    if (self.is_undefined()) return {};
    LF_CHECK(kData, self.is(Kind::kDict), "Can only get item pairs from a mapping.");
    return to_vector(Value::object(Kind::kView, std::make_shared<ViewObject>(ViewObject::Part::kItems, self)));
  });
}

/// `count` may be anything: what is no number is never reached.
std::vector<Value> batches(const Value& self, const Value& count, const Value& fill) {
  std::vector<Value> out, row;
  const auto flush = [&] { out.push_back(Value::list(std::exchange(row, {}))); };
  const auto size = [&] { return Value::integer(static_cast<int64_t>(row.size())); };
  for (const Value& item : to_vector(self)) {
    if (equals(size(), count)) flush();
    row.push_back(item);
  }
  if (row.empty()) return out;
  if (!fill.is_missing() && !fill.is_none() && ordered(Order::kLess, size(), count)) {
    LF_CHECK(kData, count.is_integral(), "linecount must be an integer, not {}", type_name(count));
    charge_items(static_cast<size_t>(count.as_int()));
    row.resize(static_cast<size_t>(count.as_int()), fill);
  }
  flush();
  return out;
}

Value batch(Interp&, const Value& self, const Args& args) {
  const Params params("batch", args, {"linecount", "fill_with"}, 1);
  const Value fill = params[1];
  const Value count = params[0];
  return lazily(self, [self, count, fill] { return batches(self, count, fill); });
}

std::vector<Value> slices(const Value& self, int64_t count, const Value& fill) {
  const std::vector<Value> items = to_vector(self);
  LF_CHECK(kData, count != 0, "integer division or modulo by zero");
  if (count < 0) return {};
  charge_items(static_cast<size_t>(count));
  const int64_t each = static_cast<int64_t>(items.size()) / count, extra = static_cast<int64_t>(items.size()) % count;
  std::vector<Value> out;
  auto at = items.begin();
  for (int64_t i = 0; i < count; ++i) {
    const auto end = at + each + (i < extra);
    std::vector<Value> part(at, end);
    if (!fill.is_missing() && !fill.is_none() && i >= extra) part.push_back(fill);
    out.push_back(Value::list(std::move(part)));
    at = end;
  }
  return out;
}

Value slice(Interp&, const Value& self, const Args& args) {
  const Params params("slice", args, {"slices", "fill_with"}, 1);
  const Value fill = params[1], count = params[0];
  return lazily(self, [self, count, fill] {
    LF_CHECK(kData, count.is_integral(), "slice() needs an integer, not {}", type_name(count));
    return slices(self, count.as_int(), fill);
  });
}

Value sum(Interp&, const Value& self, const Args& args) {
  const Params params("sum", args, {"attribute", "start"});
  const AttributePath path(params.has(0) ? params[0] : Value::none());
  Value total = params.has(1) ? params[1] : Value::integer(0);
  const auto walk = iterate(self);
  LF_CHECK(kData, !total.is_string(), "sum() can't sum strings [use ''.join(seq) instead]");
  Value item;
  while (walk->next(item)) total = binary_operation(Op::kAdd, total, path(item));
  return total;
}

Value fallback(Interp&, const Value& self, const Args& args) {
  const Params params("default", args, {"default_value", "boolean"});
  const bool use = self.is_undefined() || (params.flag(1, false) && !truth(self));
  return !use ? self : params.has(0) ? params[0] : Value::text("");
}

constexpr NamedBuiltin kFilters[] = {{"length", length}, {"count", length},    {"list", list}, {"first", first},
                                     {"last", last},     {"reverse", reverse}, {"join", join}, {"items", items},
                                     {"batch", batch},   {"slice", slice},     {"sum", sum},   {"default", fallback},
                                     {"d", fallback}};

}  // namespace

std::span<const NamedBuiltin> sequence_filters() { return kFilters; }

}  // namespace lf::jinja
