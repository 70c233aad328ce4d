// Methods of sets, and isdisjoint() of the views of a dict.
#include "base/error.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/set.h"

namespace lf::jinja {
namespace {

Value copy(Interp&, const Value& self, const Args& args) {
  positional_only("copy", args, 0, 0);
  return set_of(self);
}

Value union_with(Interp&, const Value& self, const Args& args) {
  const Value result = set_of(self);
  for (const Value& other : positional_only("union", args, 0, SIZE_MAX)) {
    if (other.pointer() != self.pointer() || !other.is(Kind::kSet)) result.as<SetObject>().update(other);
  }
  return result;
}

Value intersection(Interp&, const Value& self, const Args& args) {
  const auto& others = positional_only("intersection", args, 0, SIZE_MAX);
  if (others.empty()) return set_of(self);
  Value result = self;
  for (const Value& other : others) result = set_intersection(result, other);
  return result;
}

/// Python's sandbox of immutable values overlooks this one method that changes a set.
Value intersection_update(Interp& interp, const Value& self, const Args& args) {
  const Value result = intersection(interp, self, args);
  self.as<SetObject>() = SetObject(result.as<SetObject>());
  return Value::none();
}

Value difference(Interp&, const Value& self, const Args& args) {
  const auto& others = positional_only("difference", args, 0, SIZE_MAX);
  if (others.empty()) return set_of(self);
  const Value result = set_difference(self, others[0]);
  for (size_t i = 1; i < others.size(); ++i) result.as<SetObject>().difference_update(others[i]);
  return result;
}

Value symmetric_difference(Interp&, const Value& self, const Args& args) {
  auto result = std::make_shared<SetObject>();
  result->update(positional_only("symmetric_difference", args, 1, 1)[0]);
  for (const Value& key : to_vector(self)) {
    if (!result->discard(key)) result->add(key);
  }
  return make_set(std::move(result));
}

Value isdisjoint(Interp&, const Value& self, const Args& args) {
  const Value& other = positional_only("isdisjoint", args, 1, 1)[0];
  const bool sized = other.is(Kind::kSet) || (self.is(Kind::kView) && is_set_like(other));
  const bool swapped = sized && length_of(other) > length_of(self);
  const Value& searched = swapped ? other : self;
  const auto walk = iterate(swapped ? self : other);
  Value key;
  while (walk->next(key)) {
    if (searched.is(Kind::kSet) ? searched.as<SetObject>().contains(key) : contains(searched, key))
      return Value::boolean(false);
  }
  return Value::boolean(true);
}

Value issubset(Interp&, const Value& self, const Args& args) {
  const Value& other = positional_only("issubset", args, 1, 1)[0];
  return Value::boolean(length_of(set_intersection(self, other)) == length_of(self));
}

Value issuperset(Interp&, const Value& self, const Args& args) {
  const auto walk = iterate(positional_only("issuperset", args, 1, 1)[0]);
  Value key;
  while (walk->next(key)) {
    if (!self.as<SetObject>().contains(key)) return Value::boolean(false);
  }
  return Value::boolean(true);
}

constexpr NamedBuiltin kSetMethods[] = {{"copy", copy},
                                        {"union", union_with},
                                        {"intersection", intersection},
                                        {"intersection_update", intersection_update},
                                        {"difference", difference},
                                        {"symmetric_difference", symmetric_difference},
                                        {"isdisjoint", isdisjoint},
                                        {"issubset", issubset},
                                        {"issuperset", issuperset}};
constexpr NamedBuiltin kViewMethods[] = {{"isdisjoint", isdisjoint}};

}  // namespace

std::span<const NamedBuiltin> set_methods() { return kSetMethods; }
std::span<const NamedBuiltin> view_methods() { return kViewMethods; }

}  // namespace lf::jinja
