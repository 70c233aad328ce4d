#include "templates/jinja/value.h"

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

constexpr size_t kSmallDict = 8;
constexpr int kMaxJsonDepth = 200;

int checked_depth(int depth) {
  LF_CHECK(kData, depth <= kMaxJsonDepth, "values are nested deeper than {} levels", kMaxJsonDepth);
  return depth;
}

int depth_of(const std::vector<Value>& items) {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  return checked_depth(depth + 1);
}

/// Python's numbers are objects: one is "the same as" its copies, not as another of equal value.
uint32_t next_identity() {
  thread_local uint32_t identity = 0;
  return ++identity;
}

}  // namespace

Value Value::boolean(bool value) {
  Value result(Kind::kBool);
  result.integer_ = value;
  return result;
}

Value Value::integer(int64_t value) {
  Value result(Kind::kInt);
  result.identity_ = next_identity();
  result.integer_ = value;
  return result;
}

Value Value::real(double value) {
  Value result(Kind::kFloat);
  result.identity_ = next_identity();
  result.real_ = value;
  return result;
}

Value Value::text(std::string text, bool markup) {
  charge_text(text.size());
  return object(Kind::kString, std::make_shared<StringObject>(std::move(text), markup));
}

Value Value::list(std::vector<Value> items) {
  return object(Kind::kList, std::make_shared<ListObject>(std::move(items)));
}

Value Value::tuple(std::vector<Value> items) {
  return object(Kind::kTuple, std::make_shared<ListObject>(std::move(items)));
}

Value Value::undefined(std::string hint) {
  return object(Kind::kUndefined, std::make_shared<UndefinedObject>(std::move(hint)));
}

Value Value::object(Kind kind, std::shared_ptr<Object> object) {
  Value result(kind);
  result.object_ = std::move(object);
  return result;
}

Value Value::from_json(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return boolean(json.get<bool>());
    case Json::value_t::number_unsigned:
      LF_CHECK(kData, json.get<uint64_t>() <= INT64_MAX, "the integer {} does not fit in 64 bits", json.dump());
      return integer(json.get<int64_t>());
    case Json::value_t::number_integer:
      return integer(json.get<int64_t>());
    case Json::value_t::number_float:
      return real(json.get<double>());
    case Json::value_t::string:
      return object(Kind::kString,
                    std::make_shared<StringObject>(to_valid_utf8(json.get_ref<const std::string&>()), false));
    case Json::value_t::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const Json& item : json) items.push_back(from_json(item));
      return list(std::move(items));
    }
    case Json::value_t::object: {
      auto dict = std::make_shared<DictObject>();
      for (const auto& [key, item] : json.items()) dict->set(from_json(Json(key)), from_json(item));
      return make_dict(std::move(dict));
    }
    default:
      return none();
  }
}

bool Value::is_markup() const { return is_string() && as_string().markup; }
const std::string& Value::as_text() const { return as_string().text; }
const StringObject& Value::as_string() const { return as<StringObject>(); }
const std::vector<Value>& Value::items() const { return as<ListObject>().items; }
const DictObject& Value::as_dict() const { return as<DictObject>(); }

StringObject::StringObject(std::string given, bool markup)
    : text(std::move(given)), length(count_code_points(text)), markup(markup) {}

ListObject::ListObject(std::vector<Value> given) : Object(depth_of(given)), items(std::move(given)) {}

template <class Equal>
int64_t DictObject::position(size_t hash, const Equal& equal) const {
  if (items.size() <= kSmallDict) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (hashes_[i] == hash && equal(items[i].first)) return static_cast<int64_t>(i);
    }
    return -1;
  }
  const auto [first, last] = index_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (equal(items[it->second].first)) return static_cast<int64_t>(it->second);
  }
  return -1;
}

const Value* DictObject::find(const Value& key) const {
  const int64_t at =
      position(hash_of(key), [&](const Value& other) { return same_object(key, other) || equals(key, other); });
  return at < 0 ? nullptr : &items[at].second;
}

const Value* DictObject::find(std::string_view key) const {
  const int64_t at = position(std::hash<std::string_view>()(key),
                              [&](const Value& other) { return other.is_string() && other.as_text() == key; });
  return at < 0 ? nullptr : &items[at].second;
}

void DictObject::set(const Value& key, const Value& value) {
  const size_t hash = hash_of(key);
  const int64_t at = position(hash, [&](const Value& other) { return same_object(key, other) || equals(key, other); });
  depth = checked_depth(std::max(depth, 1 + std::max(key.depth(), value.depth())));
  if (at >= 0) {
    items[at].second = value;
    return;
  }
  items.emplace_back(key, value);
  hashes_.push_back(hash);
  if (items.size() <= kSmallDict) return;
  for (size_t i = index_.size(); i < items.size(); ++i) index_.emplace(hashes_[i], i);
}

RangeObject::RangeObject(int64_t start, int64_t stop, int64_t step) : start(start), stop(stop), step(step), length(0) {
  const __int128 span = step > 0 ? static_cast<__int128>(stop) - start : static_cast<__int128>(start) - stop;
  const __int128 stride = step > 0 ? step : -static_cast<__int128>(step);
  const __int128 count = span > 0 ? (span + stride - 1) / stride : 0;
  LF_CHECK(kData, count <= current_limits().range_items, "Range too big. The sandbox blocks ranges larger than {}.",
           current_limits().range_items);
  length = static_cast<int64_t>(count);
}

IteratorObject::IteratorObject(int depth, Next next) : Object(checked_depth(depth)), next(std::move(next)) {}

Value* NamespaceObject::find(std::string_view name) {
  for (auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

void NamespaceObject::set(const std::string& name, Value value) {
  if (Value* found = find(name)) {
    *found = std::move(value);
  } else {
    members.emplace_back(name, std::move(value));
  }
}

Value make_iterator(int depth, IteratorObject::Next next) {
  return Value::object(Kind::kIterator, std::make_shared<IteratorObject>(depth, std::move(next)));
}

Value make_dict(std::shared_ptr<DictObject> dict) { return Value::object(Kind::kDict, std::move(dict)); }

}  // namespace lf::jinja
