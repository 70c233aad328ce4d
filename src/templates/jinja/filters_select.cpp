// map, select, reject, selectattr, rejectattr, attr: lazy walks, as Python's generators.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

using Use = std::function<Value(const Value&)>;

/// Calls prepare() when the walk starts over a value that is true, and then use(item, out) for each item until it says
/// yes.
Value walk_over(const Value& self, std::function<Use()> prepare, std::function<bool(const Use&, Value&)> keep) {
  return make_iterator(self.depth() + 1,
                       [self, prepare = std::move(prepare), keep = std::move(keep), use = Use(),
                        walk = std::shared_ptr<IteratorObject>(), started = false](Value& out) mutable {
                         if (!std::exchange(started, true) && truth(self)) {
                           use = prepare();
                           walk = iterate(self);
                         }
                         if (!walk) return false;
                         while (walk->next(out)) {
                           charge();
                           if (keep(use, out)) return true;
                         }
                         return false;
                       });
}

Args without_first(const Args& args, size_t count) {
  Args rest = args;
  rest.positional.erase(rest.positional.begin(), rest.positional.begin() + count);
  return rest;
}

std::string name_of(const Value& value, const char* what) {
  LF_CHECK(kData, value.is_string(), "No {} named {} found.", what, repr(value));
  return value.as_text();
}

/// The function that map() applies.
Use mapped(Interp& interp, const Args& args) {
  const auto find = [&](const char* name) -> const Value* {
    for (const auto& [key, value] : args.named) {
      if (key == name) return &value;
    }
    return nullptr;
  };
  if (args.positional.empty() && find("attribute")) {
    const Params params("map", args, {"attribute", "default"});
    const AttributePath path(params[0], params.given(1) ? params[1] : Value());
    return [path](const Value& item) { return path(item); };
  }
  LF_CHECK(kData, !args.positional.empty(), "map requires a filter argument");
  const Value name = args.positional[0];
  const Args rest = without_first(args, 1);
  return [&interp, name, rest](const Value& item) {
    const Builtin filter = find_filter(name_of(name, "filter"));
    LF_CHECK(kData, filter, "No filter named {}.", repr(name));
    return filter(interp, item, rest);
  };
}

Value map(Interp& interp, const Value& self, const Args& args) {
  return walk_over(
      self, [&interp, args] { return mapped(interp, args); },
      [](const Use& use, Value& item) {
        item = use(item);
        return true;
      });
}

/// What select() asks of each item.
Use selected(Interp& interp, const Args& args, bool by_attribute) {
  LF_CHECK(kData, !by_attribute || !args.positional.empty(), "Missing parameter for attribute name");
  const size_t used = by_attribute;
  const AttributePath path(by_attribute ? args.positional[0] : Value::none());
  if (args.positional.size() <= used) return [path](const Value& item) { return Value::boolean(truth(path(item))); };
  const Value name = args.positional[used];
  const Args rest = without_first(args, used + 1);
  return [&interp, path, name, rest](const Value& item) {
    const Value value = path(item);
    const Builtin test = find_test(name_of(name, "test"));
    LF_CHECK(kData, test, "No test named {}.", repr(name));
    return test(interp, value, rest);
  };
}

template <bool wanted, bool by_attribute>
Value select(Interp& interp, const Value& self, const Args& args) {
  return walk_over(
      self, [&interp, args] { return selected(interp, args, by_attribute); },
      [](const Use& use, Value& item) { return truth(use(item)) == wanted; });
}

Value attr(Interp&, const Value& self, const Args& args) {
  const Params params("attr", args, {"name"}, 1);
  const std::string& name = params.text(0);
  const Value found = attribute_only(self, name);
  return found.is_missing() ? Value::undefined(fmt::format("'{} object' has no attribute '{}'", type_name(self), name))
                            : found;
}

constexpr NamedBuiltin kFilters[] = {{"map", map},
                                     {"select", select<true, false>},
                                     {"reject", select<false, false>},
                                     {"selectattr", select<true, true>},
                                     {"rejectattr", select<false, true>},
                                     {"attr", attr}};

}  // namespace

std::span<const NamedBuiltin> select_filters() { return kFilters; }

AttributePath::AttributePath(const Value& attribute, Value otherwise) : otherwise_(std::move(otherwise)) {
  if (attribute.is_missing() || attribute.is_none()) return;
  if (!attribute.is_string()) {
    parts_.push_back(attribute);
    return;
  }
  for (std::string_view part : split_at(attribute.as_text(), ".")) {
    bool digits = !part.empty() && part.size() < 18;
    for (char c : part) digits = digits && c >= '0' && c <= '9';
    parts_.push_back(digits ? Value::integer(std::stoll(std::string(part))) : Value::text(std::string(part)));
  }
}

Value AttributePath::operator()(const Value& item) const {
  Value value = item;
  for (const Value& part : parts_) {
    value = get_item(value, part);
    if (value.is_undefined() && !otherwise_.is_missing()) value = otherwise_;
  }
  return value;
}

Value ignoring_case(const Value& value) { return value.is_string() ? Value::text(lower_text(value.as_text())) : value; }

}  // namespace lf::jinja
