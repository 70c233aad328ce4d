// Filters that compare: sort, dictsort, groupby, unique, min, max.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

Value sort(Interp&, const Value& self, const Args& args) {
  const Params params("sort", args, {"reverse", "case_sensitive", "attribute"});
  std::vector<AttributePath> paths;
  if (params.has(2) && params[2].is_string()) {
    for (std::string_view part : split_at(params[2].as_text(), ",")) paths.emplace_back(Value::text(std::string(part)));
  } else {
    paths.emplace_back(params[2]);
  }
  const bool case_sensitive = params.flag(1, false);
  const std::vector<Value> items = to_vector(self);
  std::vector<Value> keys;
  for (const Value& item : items) {
    std::vector<Value> key;
    for (const AttributePath& path : paths) key.push_back(case_sensitive ? path(item) : ignoring_case(path(item)));
    keys.push_back(Value::list(std::move(key)));
  }
  return Value::list(sorted(items, keys, params.int_flag(0, false)));
}

Value dictsort(Interp&, const Value& self, const Args& args) {
  const Params params("dictsort", args, {"case_sensitive", "by", "reverse"});
  const std::string by = params.has(1) && params[1].is_string() ? params[1].as_text() : params.has(1) ? "" : "key";
  LF_CHECK(kData, by == "key" || by == "value", "You can only sort by either \"key\" or \"value\"");
  if (self.is_undefined()) throw_error(ErrorKind::kData, "{}", self.as<UndefinedObject>().hint);
  LF_CHECK(kData, self.is(Kind::kDict), "'{}' object has no attribute 'items'", type_name(self));
  std::vector<Value> items, keys;
  for (const auto& [key, value] : self.as_dict().items) {
    charge();
    items.push_back(Value::tuple({key, value}));
    const Value& chosen = by == "key" ? key : value;
    keys.push_back(params.flag(0, false) ? chosen : ignoring_case(chosen));
  }
  return Value::list(sorted(items, keys, params.int_flag(2, false)));
}

Value group(const Value& grouper, std::vector<Value> items) {
  auto tuple = std::make_shared<ListObject>(std::vector<Value>{grouper, Value::list(std::move(items))});
  tuple->named_group = true;
  return Value::object(Kind::kTuple, std::move(tuple));
}

Value groupby(Interp&, const Value& self, const Args& args) {
  const Params params("groupby", args, {"attribute", "default", "case_sensitive"}, 1);
  const AttributePath path(params[0], params.given(1) ? params[1] : Value());
  const bool case_sensitive = params.flag(2, false);
  const std::vector<Value> items = to_vector(self);
  const auto key_of = [&](const Value& item) { return case_sensitive ? path(item) : ignoring_case(path(item)); };
  std::vector<Value> keys, groups, members;
  for (const Value& item : items) keys.push_back(key_of(item));
  Value current;
  const auto flush = [&] {
    if (!members.empty()) {
      const Value grouper = case_sensitive ? current : path(members.front());
      groups.push_back(group(grouper, std::exchange(members, {})));
    }
  };
  for (const Value& item : sorted(items, keys, false)) {
    const Value key = key_of(item);
    if (members.empty() || !(same_object(current, key) || equals(current, key))) {
      flush();
      current = key;
    }
    members.push_back(item);
  }
  flush();
  return Value::list(std::move(groups));
}

Value unique(Interp&, const Value& self, const Args& args) {
  const Params params("unique", args, {"case_sensitive", "attribute"});
  const AttributePath path(params[1]);
  const bool case_sensitive = params.flag(0, false);
  return make_iterator(self.depth() + 1, [self, path, case_sensitive, walk = std::shared_ptr<IteratorObject>(),
                                          seen = std::make_shared<DictObject>()](Value& out) mutable {
    if (!walk) walk = iterate(self);
    while (walk->next(out)) {
      const Value key = case_sensitive ? path(out) : ignoring_case(path(out));
      if (seen->find(key)) continue;
      seen->set(key, Value::none());
      return true;
    }
    return false;
  });
}

template <bool largest>
Value extreme(Interp&, const Value& self, const Args& args) {
  const Params params("min/max", args, {"case_sensitive", "attribute"});
  const AttributePath path(params[1]);
  const bool case_sensitive = params.flag(0, false);
  const auto walk = iterate(self);
  Value item, best, best_key;
  while (walk->next(item)) {
    const Value key = case_sensitive ? path(item) : ignoring_case(path(item));
    const bool better = best.is_missing() || (largest ? ordered(Order::kGreater, key, best_key) : less(key, best_key));
    if (!better) continue;
    best = item;
    best_key = key;
  }
  return best.is_missing() ? Value::undefined("No aggregated item, sequence was empty.") : best;
}

constexpr NamedBuiltin kFilters[] = {{"sort", sort},     {"dictsort", dictsort},  {"groupby", groupby},
                                     {"unique", unique}, {"min", extreme<false>}, {"max", extreme<true>}};

}  // namespace

std::span<const NamedBuiltin> order_filters() { return kFilters; }

}  // namespace lf::jinja
