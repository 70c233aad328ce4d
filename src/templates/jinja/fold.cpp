#include "templates/jinja/fold.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/symbols.h"

namespace lf::jinja {
namespace {

/// Filters that need the running template are never folded.
bool needs_context(std::string_view filter) {
  for (const char* name : {"map", "select", "reject", "selectattr", "rejectattr", "random"}) {
    if (filter == name) return true;
  }
  return false;
}

class NoInterp final : public Interp {
 public:
  Value call(const Value&, const Args&) override { throw_error(ErrorKind::kData, "not constant"); }
  Value make_namespace() override { throw_error(ErrorKind::kData, "not constant"); }
  std::string now(const std::string&) const override { throw_error(ErrorKind::kData, "not constant"); }
};

[[noreturn]] void not_constant() { throw_error(ErrorKind::kData, "not constant"); }

Value value_of(const Node& node);

std::vector<Value> values_of(const std::vector<Node*>& nodes) {
  std::vector<Value> values;
  for (const Node* node : nodes) values.push_back(value_of(*node));
  return values;
}

Args args_of(const CallArgs& given) {
  if (given.more_positional || given.more_named) not_constant();
  Args args;
  args.positional = values_of(given.positional);
  for (const auto& [name, node] : given.named) args.named.emplace_back(name, value_of(*node));
  return args;
}

Value dict_of(const Node& node) {
  auto dict = std::make_shared<DictObject>();
  const std::vector<Value> keys = values_of(node.items), values = values_of(node.values);
  for (size_t i = 0; i < keys.size(); ++i) dict->set(keys[i], values[i]);
  return make_dict(std::move(dict));
}

Value filtered(const Node& node) {
  const bool filter = node.type == NodeType::kFilter;
  const Builtin builtin = filter ? find_filter(node.name) : find_test(node.name);
  if (!builtin || !node.a || (filter && needs_context(node.name))) not_constant();
  NoInterp interp;
  return builtin(interp, value_of(*node.a), args_of(node.args));
}

Value compared(const Node& node) {
  constexpr Order kOrders[] = {Order::kLess, Order::kLessEqual, Order::kGreater, Order::kGreaterEqual};
  Value left = value_of(*node.a);
  for (size_t i = 0; i < node.ops.size(); ++i) {
    const Value right = value_of(*node.items[i]);
    const Op op = node.ops[i];
    const bool good = op == Op::kEqual      ? equals(left, right)
                      : op == Op::kNotEqual ? !equals(left, right)
                      : op == Op::kIn       ? contains(right, left)
                      : op == Op::kNotIn
                          ? !contains(right, left)
                          : ordered(kOrders[static_cast<int>(op) - static_cast<int>(Op::kLess)], left, right);
    if (!good) return Value::boolean(false);
    left = right;
  }
  return Value::boolean(true);
}

Value concatenated(const Node& node) {
  std::string text;
  for (const Value& value : values_of(node.items)) text += to_text(value);
  return Value::text(std::move(text));
}

bool is_bound(const Value& value) { return value.is_none() || value.is_integral(); }

/// What the sandbox makes of owner[slice]: undefined where Python raises a TypeError or LookupError.
Value slice_of(const Value& owner, const Value& start, const Value& stop, const Value& step) {
  if (owner.is_undefined()) not_constant();
  const bool sliceable = owner.is_string() || owner.is_sequence() || owner.is(Kind::kRange);
  const bool zero_step = step.is_integral() && step.as_int() == 0;  // a ValueError, before the others are looked at
  if (sliceable && (zero_step || (is_bound(start) && is_bound(stop) && is_bound(step))))
    return get_slice(owner, start, stop, step);
  return Value::undefined(fmt::format("{} object has no element slice", type_name(owner)));
}

Value item_of(const Node& node) {
  if (node.b->type != NodeType::kSlice) return get_item(value_of(*node.a), value_of(*node.b));
  const auto part = [](const Node* bound) { return bound ? value_of(*bound) : Value::none(); };
  const Value owner = value_of(*node.a), start = part(node.b->a), stop = part(node.b->b), step = part(node.b->c);
  return slice_of(owner, start, stop, step);
}

Value value_of(const Node& node) {
  switch (node.type) {
    case NodeType::kConst:
      return node.value;
    case NodeType::kTuple:
      return Value::tuple(values_of(node.items));
    case NodeType::kList:
      return Value::list(values_of(node.items));
    case NodeType::kDict:
      return dict_of(node);
    case NodeType::kNegate:
      return negated(value_of(*node.a));
    case NodeType::kPlus:
      return unary_plus(value_of(*node.a));
    case NodeType::kNot:
      return Value::boolean(!truth(value_of(*node.a)));
    case NodeType::kBinary:
      return binary_operation(node.op, value_of(*node.a), value_of(*node.b));
    case NodeType::kAnd:
    case NodeType::kOr: {
      const Value left = value_of(*node.a);
      return truth(left) == (node.type == NodeType::kAnd) ? value_of(*node.b) : left;
    }
    case NodeType::kCondition:
      if (truth(value_of(*node.a))) return value_of(*node.b);
      if (!node.c) not_constant();
      return value_of(*node.c);
    case NodeType::kCompare:
      return compared(node);
    case NodeType::kConcat:
      return concatenated(node);
    case NodeType::kItem:
      return item_of(node);
    case NodeType::kAttribute:
      return get_attribute(value_of(*node.a), node.name);
    case NodeType::kFilter:
    case NodeType::kTest:
      return filtered(node);
    default:
      not_constant();
  }
}

/// Whether no name or call stands in the expression: quicker than fold().
bool may_be_constant(const Node& node) {
  if (node.type == NodeType::kConst) return true;
  if (node.type >= NodeType::kOutput || node.type == NodeType::kName || node.type == NodeType::kCall) return false;
  bool constant = true;
  for_each_child(node, [&](const Node* child) { constant = constant && may_be_constant(*child); });
  return constant;
}

Limits small_limits() {
  Limits limits;
  limits.steps = 10000;
  limits.output_bytes = 1 << 16;
  return limits;
}

}  // namespace

std::optional<Value> fold(const Node& node) {
  const BudgetScope budget(small_limits());
  try {
    return value_of(node);
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool is_lenient_slice(const Node& node) {
  if (node.type != NodeType::kItem || node.b->type != NodeType::kSlice) return false;
  const std::optional<Value> value = fold(node);
  return value && value->is_undefined();
}

bool has_literal(const Value& value) {
  switch (value.kind()) {
    case Kind::kNone:
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
    case Kind::kString:
    case Kind::kRange:
      return true;
    case Kind::kList:
    case Kind::kTuple:
      return !value.as<ListObject>().named_group &&
             std::all_of(value.items().begin(), value.items().end(), has_literal);
    case Kind::kDict: {
      const auto& items = value.as_dict().items;
      return std::all_of(items.begin(), items.end(),
                         [](const auto& item) { return has_literal(item.first) && has_literal(item.second); });
    }
    default:
      return false;
  }
}

std::string_view unwritable_part(const Value& value) {
  const auto first_in = [](const auto& values) {
    std::string_view found;
    for (auto it = values.begin(); found.empty() && it != values.end(); ++it) found = unwritable_part(*it);
    return found;
  };
  if (value.is(Kind::kFloat)) return std::isnan(value.as_float()) ? "nan" : std::isinf(value.as_float()) ? "inf" : "";
  if (value.is(Kind::kList) || value.is(Kind::kTuple)) return first_in(value.items());
  if (!value.is(Kind::kDict)) return "";
  for (const auto& [key, item] : value.as_dict().items) {
    const std::string_view found = first_in(std::array{key, item});
    if (!found.empty()) return found;
  }
  return "";
}

bool is_unwritable(const Node& node) {
  if (!may_be_constant(node)) return false;
  const std::optional<Value> value = fold(node);
  return value && !unwritable_part(*value).empty();
}

bool is_broken_constant_dict(const Node& node) {
  if (node.type != NodeType::kDict) return false;
  for (size_t i = 0; i < node.items.size(); ++i) {  // Python inserts each pair before it looks at the next
    const std::optional<Value> key = fold(*node.items[i]);
    if (!key || !fold(*node.values[i])) return false;
    if (!is_hashable(*key)) return true;
  }
  return false;
}

}  // namespace lf::jinja
