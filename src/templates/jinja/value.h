// Values of templates, with the semantics of Python: what a template sees as None, int, str, list, dict ...
// Everything but a namespace, a loop, a cycler, a joiner and an iterator is immutable once built, as in Python's
// ImmutableSandboxedEnvironment. Strings are UTF-8 and count as code points.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/json.h"

namespace lf::jinja {

enum class Kind : uint8_t {
  kMissing,    // a name without a value; never seen by templates
  kUndefined,  // prints as nothing, iterates as nothing, and fails on most other uses
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kList,
  kTuple,
  kDict,
  kRange,
  kView,      // keys(), values() or items() of a dict
  kSet,       // keys() or items() less others
  kIterator,  // can be walked once: what map, select, batch ... give
  kNamespace,
  kCallable,  // a function, a method of a value, or a class (dict, namespace ...)
  kMacro,
  kLoop,
  kCycler,
  kJoiner
};

struct Object {
  explicit Object(int depth = 1) : depth(depth) {}
  virtual ~Object() = default;
  int depth;  // values inside values, bounded so that no walk over them runs out of stack
};

struct StringObject;
struct DictObject;
struct UndefinedObject;

class Value {
 public:
  Value() = default;  // missing
  static Value none() { return Value(Kind::kNone); }
  static Value boolean(bool value);
  static Value integer(int64_t value);
  static Value real(double value);
  /// Counts the text against the budget.
  static Value text(std::string text, bool markup = false);
  static Value list(std::vector<Value> items);
  static Value tuple(std::vector<Value> items);
  /// `hint` is the message of the error that most uses give.
  static Value undefined(std::string hint);
  static Value object(Kind kind, std::shared_ptr<Object> object);
  /// JSON as Python reads it. kData for integers beyond 64 bits.
  static Value from_json(const Json& json);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_missing() const { return kind_ == Kind::kMissing; }
  bool is_undefined() const { return kind_ == Kind::kUndefined; }
  bool is_none() const { return kind_ == Kind::kNone; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_markup() const;
  /// A bool or an int: Python's isinstance(x, int).
  bool is_integral() const { return kind_ == Kind::kInt || kind_ == Kind::kBool; }
  bool is_number() const { return is_integral() || kind_ == Kind::kFloat; }
  bool is_sequence() const { return kind_ == Kind::kList || kind_ == Kind::kTuple; }

  bool as_bool() const { return integer_ != 0; }
  int64_t as_int() const { return integer_; }  // of a bool too
  double as_float() const { return kind_ == Kind::kFloat ? real_ : static_cast<double>(integer_); }
  const std::string& as_text() const;
  const StringObject& as_string() const;
  const std::vector<Value>& items() const;  // of a list or tuple
  const DictObject& as_dict() const;
  template <class T>
  T& as() const {
    return static_cast<T&>(*object_);
  }
  const std::shared_ptr<Object>& pointer() const { return object_; }
  /// Equal in copies of one number; of ints and floats only.
  uint32_t identity() const { return identity_; }
  int depth() const { return object_ ? object_->depth : 0; }

 private:
  explicit Value(Kind kind) : kind_(kind), integer_(0) {}

  Kind kind_ = Kind::kMissing;
  uint32_t identity_ = 0;
  union {
    int64_t integer_ = 0;
    double real_;
  };
  std::shared_ptr<Object> object_;
};

struct StringObject : Object {
  StringObject(std::string text, bool markup);
  std::string text;
  size_t length;  // in code points
  bool markup;    // made by safe or escape: what is added to it is escaped
  bool ascii() const { return length == text.size(); }
};

struct ListObject : Object {
  explicit ListObject(std::vector<Value> items);
  std::vector<Value> items;
  bool named_group = false;  // a tuple of groupby, with the attributes grouper and list
};

struct UndefinedObject : Object {
  explicit UndefinedObject(std::string hint) : hint(std::move(hint)) {}
  std::string hint;
};

/// Ordered by insertion; keys compare as in Python (1 == 1.0 == True).
struct DictObject : Object {
  std::vector<std::pair<Value, Value>> items;

  const Value* find(const Value& key) const;  // kData for keys that cannot be hashed
  const Value* find(std::string_view key) const;
  void set(const Value& key, const Value& value);

 private:
  template <class Equal>
  int64_t position(size_t hash, const Equal& equal) const;
  std::vector<size_t> hashes_;
  std::unordered_multimap<size_t, size_t> index_;  // of dicts that are not small
};

struct RangeObject : Object {
  RangeObject(int64_t start, int64_t stop, int64_t step);
  int64_t start, stop, step, length;
  int64_t at(int64_t i) const { return start + i * step; }
};

struct ViewObject : Object {
  enum class Part { kKeys, kValues, kItems };
  ViewObject(Part part, Value dict) : Object(dict.depth() + 1), part(part), dict(std::move(dict)) {}
  Part part;
  Value dict;
};

struct IteratorObject : Object {
  using Next = std::function<bool(Value& out)>;
  IteratorObject(int depth, Next next);
  Next next;  // false at the end
};

struct NamespaceObject : Object {
  std::vector<std::pair<std::string, Value>> members;
  Value* find(std::string_view name);
  void set(const std::string& name, Value value);
};

Value make_iterator(int depth, IteratorObject::Next next);
Value make_dict(std::shared_ptr<DictObject> dict);

/// Python's bool(). Loops are true.
bool truth(const Value& value);
/// Python's type(value).__name__.
std::string type_name(const Value& value);
/// Python's len(); kData for what has none.
int64_t length_of(const Value& value);
bool has_length(const Value& value);
/// A walk over what Python's iter() accepts; kData otherwise. An iterator gives itself.
std::shared_ptr<IteratorObject> iterate(const Value& value);
bool is_iterable(const Value& value);
std::vector<Value> to_vector(const Value& value);
/// Item of a dict view.
Value view_item(const ViewObject& view, size_t i);

}  // namespace lf::jinja
