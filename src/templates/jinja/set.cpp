#include "templates/jinja/set.h"

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/python_hash.h"

namespace lf::jinja {
namespace {

constexpr size_t kNeighbours = 9;  // LINEAR_PROBES: slots looked at behind the first
constexpr int kShift = 5;          // PERTURB_SHIFT
constexpr size_t kLarge = 50000;   // from here on, tables double

bool is_same(const Value& a, const Value& b) { return same_object(a, b) || equals(a, b); }

std::shared_ptr<SetObject> copy_of(const Value& set) {
  auto copy = std::make_shared<SetObject>();
  copy->update(set);
  return copy;
}

}  // namespace

const Value* SetObject::next(size_t& slot) const {
  while (slot < slots_.size()) {
    const Slot& at = slots_[slot++];
    if (at.state == State::kUsed) return &at.key;
  }
  return nullptr;
}

SetObject::Place SetObject::place(size_t hash, const Value& key) const {
  size_t dummy = kNowhere, perturb = hash, first = hash & mask();
  while (true) {
    const size_t last = first + kNeighbours <= mask() ? first + kNeighbours : first;
    for (size_t i = first; i <= last; ++i) {
      const Slot& slot = slots_[i];
      if (slot.state == State::kFree) return {i, dummy};
      if (slot.state == State::kDummy) dummy = i;
      if (slot.state == State::kUsed && slot.hash == hash && is_same(slot.key, key)) return {i, kNowhere};
    }
    perturb >>= kShift;
    first = (first * 5 + 1 + perturb) & mask();
  }
}

bool SetObject::contains(const Value& key) const {
  return slots_[place(static_cast<size_t>(python_hash(key)), key).slot].state == State::kUsed;
}

void SetObject::add(const Value& key) {
  const auto hash = static_cast<size_t>(python_hash(key));
  const Place at = place(hash, key);
  if (slots_[at.slot].state == State::kUsed) return;
  depth = std::max(depth, key.depth() + 1);
  slots_[at.dummy == kNowhere ? at.slot : at.dummy] = {State::kUsed, hash, key};
  ++used_;
  if (at.dummy != kNowhere) return;
  ++filled_;
  if (filled_ * 5 >= mask() * 3) resize(used_ > kLarge ? used_ * 2 : used_ * 4);
}

bool SetObject::discard(const Value& key) {
  Slot& slot = slots_[place(static_cast<size_t>(python_hash(key)), key).slot];
  if (slot.state != State::kUsed) return false;
  slot = {State::kDummy, 0, Value()};
  --used_;
  return true;
}

void SetObject::resize(size_t least) {
  size_t size = kSmallest;
  while (size <= least) size *= 2;
  charge_items(size);
  std::vector<Slot> before(size);
  before.swap(slots_);
  filled_ = used_;
  for (Slot& slot : before) {
    if (slot.state != State::kUsed) continue;
    // No two of them are equal and none is a dummy: the search ends at a free slot without comparing.
    slots_[place(slot.hash, Value()).slot] = std::move(slot);
  }
}

/// One large step for keys of which few are expected to be there.
void SetObject::reserve(size_t more) {
  if ((filled_ + more) * 5 >= mask() * 3) resize((used_ + more) * 2);
}

void SetObject::merge(const SetObject& other) {
  if (&other == this || other.used_ == 0) return;
  reserve(other.used_);
  if (filled_ == 0 && mask() == other.mask() && other.filled_ == other.used_) {
    charge_items(slots_.size());
    *this = other;
    return;
  }
  size_t slot = 0;
  while (const Value* key = other.next(slot)) add(*key);
}

void SetObject::update(const Value& other) {
  if (other.is(Kind::kSet)) return merge(other.as<SetObject>());
  if (other.is(Kind::kDict)) reserve(other.as_dict().items.size());
  const auto walk = iterate(other);
  Value key;
  while (walk->next(key)) add(key);
}

void SetObject::difference_update(const Value& other) {
  const auto walk = iterate(other);
  Value key;
  while (walk->next(key)) discard(key);
  if (filled_ - used_ > mask() / 4) resize(used_ > kLarge ? used_ * 2 : used_ * 4);
}

Value make_set(std::shared_ptr<SetObject> set) { return Value::object(Kind::kSet, std::move(set)); }

Value set_of(const Value& items) {
  const bool keys = items.is(Kind::kView) && items.as<ViewObject>().part == ViewObject::Part::kKeys;
  return make_set(copy_of(keys ? items.as<ViewObject>().dict : items));
}

Value set_difference(const Value& set, const Value& other) {
  const SetObject& own = set.as<SetObject>();
  const bool searched = other.is(Kind::kSet) || other.is(Kind::kDict);
  if (!searched || own.size() / 4 > static_cast<size_t>(length_of(other))) {
    auto result = copy_of(set);
    result->difference_update(other);
    return make_set(std::move(result));
  }
  auto result = std::make_shared<SetObject>();
  size_t slot = 0;
  while (const Value* key = own.next(slot)) {
    if (!jinja::contains(other, *key)) result->add(*key);
  }
  return make_set(std::move(result));
}

Value set_intersection(const Value& set, const Value& other) {
  if (set.pointer() == other.pointer()) return make_set(copy_of(set));
  const bool swapped = other.is(Kind::kSet) && length_of(other) > length_of(set);
  const SetObject& searched = (swapped ? other : set).as<SetObject>();
  auto result = std::make_shared<SetObject>();
  const auto walk = iterate(swapped ? set : other);
  Value key;
  while (walk->next(key)) {
    if (searched.contains(key)) result->add(key);
  }
  return make_set(std::move(result));
}

std::shared_ptr<IteratorObject> walk_set(const Value& set) {
  const size_t size = set.as<SetObject>().size();
  return std::make_shared<IteratorObject>(set.depth() + 1, [set, size, slot = size_t{0}](Value& out) mutable {
    const SetObject& own = set.as<SetObject>();
    LF_CHECK(kData, own.size() == size, "Set changed size during iteration");
    const Value* key = own.next(slot);
    if (!key) return false;
    charge();
    out = *key;
    return true;
  });
}

}  // namespace lf::jinja
