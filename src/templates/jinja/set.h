// Python's set: what subtracting the keys() or items() of a dict gives. It is walked in the order of CPython's hash
// table (Objects/setobject.c of 3.11), so sets of numbers print as in Python; Python's own order of other items is
// random.
#pragma once
#include "templates/jinja/value.h"

namespace lf::jinja {

class SetObject : public Object {
 public:
  SetObject() : slots_(kSmallest) {}

  size_t size() const { return used_; }
  /// The key in slot `slot` or the next one in use, which `slot` is moved behind; null at the end.
  const Value* next(size_t& slot) const;
  // All of these give kData for what cannot be hashed.
  bool contains(const Value& key) const;
  void add(const Value& key);
  /// False when there is no such key.
  bool discard(const Value& key);
  /// Adds the keys of any iterable.
  void update(const Value& other);
  /// Discards the keys of any iterable.
  void difference_update(const Value& other);

 private:
  static constexpr size_t kSmallest = 8;
  enum class State : uint8_t { kFree, kUsed, kDummy };  // kDummy: discarded
  struct Slot {
    State state = State::kFree;
    size_t hash = 0;
    Value key;
  };
  struct Place {
    size_t slot;   // of the key, else the free one where the search ended
    size_t dummy;  // met on the way to a free one, else kNowhere
  };
  static constexpr size_t kNowhere = SIZE_MAX;

  size_t mask() const { return slots_.size() - 1; }
  Place place(size_t hash, const Value& key) const;
  void merge(const SetObject& other);
  void reserve(size_t more);
  void resize(size_t least);

  std::vector<Slot> slots_;
  size_t used_ = 0, filled_ = 0;  // filled: dummies too
};

Value make_set(std::shared_ptr<SetObject> set);
/// set(items)
Value set_of(const Value& items);
/// set.difference(other) and set.intersection(other), of any iterable.
Value set_difference(const Value& set, const Value& other);
Value set_intersection(const Value& set, const Value& other);
/// A walk; kData when the set changes its size meanwhile.
std::shared_ptr<IteratorObject> walk_set(const Value& set);

}  // namespace lf::jinja
