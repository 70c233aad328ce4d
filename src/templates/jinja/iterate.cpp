// Truth, length and iteration of values.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/loop.h"
#include "templates/jinja/set.h"
#include "templates/jinja/text.h"
#include "templates/jinja/value.h"

namespace lf::jinja {

bool truth(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.as_int() != 0;
    case Kind::kFloat:
      return value.as_float() != 0;
    case Kind::kLoop:
      return true;
    default:
      return !has_length(value) || length_of(value) != 0;
  }
}

std::string type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
      return "Undefined";
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kString:
      return value.is_markup() ? "Markup" : "str";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kDict:
      return "dict";
    case Kind::kRange:
      return "range";
    case Kind::kView:
      return value.as<ViewObject>().part == ViewObject::Part::kKeys     ? "dict_keys"
             : value.as<ViewObject>().part == ViewObject::Part::kValues ? "dict_values"
                                                                        : "dict_items";
    case Kind::kSet:
      return "set";
    case Kind::kIterator:
      return "generator";
    case Kind::kNamespace:
      return "Namespace";
    case Kind::kCallable:
      return "function";
    case Kind::kMacro:
      return "Macro";
    case Kind::kLoop:
      return "LoopContext";
    case Kind::kCycler:
      return "Cycler";
    case Kind::kJoiner:
      return "Joiner";
  }
  return "?";
}

bool has_length(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kString:
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kDict:
    case Kind::kRange:
    case Kind::kView:
    case Kind::kSet:
    case Kind::kLoop:
      return true;
    default:
      return false;
  }
}

int64_t length_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return 0;
    case Kind::kString:
      return static_cast<int64_t>(value.as_string().length);
    case Kind::kList:
    case Kind::kTuple:
      return static_cast<int64_t>(value.items().size());
    case Kind::kDict:
      return static_cast<int64_t>(value.as_dict().items.size());
    case Kind::kRange:
      return value.as<RangeObject>().length;
    case Kind::kView:
      return length_of(value.as<ViewObject>().dict);
    case Kind::kSet:
      return static_cast<int64_t>(value.as<SetObject>().size());
    case Kind::kLoop:
      return loop_length(value.as<LoopObject>());
    default:
      throw_error(ErrorKind::kData, "object of type '{}' has no len()", type_name(value));
  }
}

Value view_item(const ViewObject& view, size_t i) {
  const auto& [key, value] = view.dict.as_dict().items[i];
  switch (view.part) {
    case ViewObject::Part::kKeys:
      return key;
    case ViewObject::Part::kValues:
      return value;
    default:
      return Value::tuple({key, value});
  }
}

bool is_iterable(const Value& value) { return has_length(value) || value.is(Kind::kIterator); }

namespace {

/// Walks i = 0, 1, ... below `count`; `at` keeps the value alive.
std::shared_ptr<IteratorObject> counted(const Value& value, size_t count, std::function<Value(size_t)> at) {
  return std::make_shared<IteratorObject>(value.depth() + 1,
                                          [count, at = std::move(at), i = size_t{0}](Value& out) mutable {
                                            if (i >= count) return false;
                                            charge();
                                            out = at(i++);
                                            return true;
                                          });
}

std::shared_ptr<IteratorObject> code_points(const Value& value) {
  return std::make_shared<IteratorObject>(value.depth() + 1, [value, at = size_t{0}](Value& out) mutable {
    const std::string& text = value.as_text();
    if (at >= text.size()) return false;
    charge();
    const size_t bytes = code_point_at(text, at).bytes;
    out = Value::text(text.substr(at, bytes));
    at += bytes;
    return true;
  });
}

}  // namespace

std::shared_ptr<IteratorObject> iterate(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return counted(value, 0, nullptr);
    case Kind::kString:
      return code_points(value);
    case Kind::kList:
    case Kind::kTuple:
      return counted(value, value.items().size(), [value](size_t i) { return value.items()[i]; });
    case Kind::kDict:
      return counted(value, value.as_dict().items.size(), [value](size_t i) { return value.as_dict().items[i].first; });
    case Kind::kRange:
      return counted(value, value.as<RangeObject>().length,
                     [value](size_t i) { return Value::integer(value.as<RangeObject>().at(static_cast<int64_t>(i))); });
    case Kind::kView:
      return counted(value, length_of(value), [value](size_t i) { return view_item(value.as<ViewObject>(), i); });
    case Kind::kSet:
      return walk_set(value);
    case Kind::kIterator:
      return std::static_pointer_cast<IteratorObject>(value.pointer());
    case Kind::kLoop:
      throw_error(ErrorKind::kUnsupported, "walking over the loop variable itself is not supported");
    default:
      throw_error(ErrorKind::kData, "'{}' object is not iterable", type_name(value));
  }
}

std::vector<Value> to_vector(const Value& value) {
  if (value.is_sequence()) {
    charge_items(value.items().size());
    return value.items();
  }
  std::vector<Value> items;
  const auto walk = iterate(value);
  Value item;
  while (walk->next(item)) {
    charge();
    items.push_back(item);
  }
  return items;
}

}  // namespace lf::jinja
