#include <locale.h>

#include <ctime>

#include "base/error.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/evaluator.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"

namespace lf::jinja {

std::string Evaluator::now(const std::string& format) const {
  static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  if (format.empty()) return "";
  std::string text(format.size() * 16 + 256, '\0');
  text.resize(strftime_l(text.data(), text.size(), format.c_str(), &now_, plain));
  return text;
}

std::vector<Value> Evaluator::eval_all(const std::vector<Node*>& nodes) {
  std::vector<Value> values;
  values.reserve(nodes.size());
  for (const Node* node : nodes) values.push_back(eval(*node));
  return values;
}

Value Evaluator::eval(const Node& node) {
  const Deeper deeper(frames_, Limits::kFrames, "evaluations");
  charge();
  switch (node.type) {
    case NodeType::kBinary:
      return eval_binary(node);
    case NodeType::kCompare:
      return eval_compare(node);
    case NodeType::kConcat:
      return eval_concat(node);
    case NodeType::kDict:
      return eval_dict(node);
    case NodeType::kItem:
      return eval_item(node);
    case NodeType::kCall:
      return eval_call(node);
    case NodeType::kFilter:
      return eval_filter(node);
    case NodeType::kTest:
      return eval_test(node);
    default:
      return eval_simple(node);
  }
}

Value Evaluator::eval_simple(const Node& node) {
  switch (node.type) {
    case NodeType::kConst:
    case NodeType::kTemplateData:
      return node.value;
    case NodeType::kUnwritable:
      line_ = node.line;
      throw_error(ErrorKind::kData,
                  "a constant that is nan or inf can only be printed (jinja2: name '{}' is not defined)", node.name);
    case NodeType::kName: {
      const Value& value = variable(node.ref);
      return value.is_missing() ? Value::undefined("'" + node.name + "' is undefined") : value;
    }
    case NodeType::kTuple:
      return Value::tuple(eval_all(node.items));
    case NodeType::kList:
      return Value::list(eval_all(node.items));
    case NodeType::kCondition:
      if (truth(eval(*node.a))) return eval(*node.b);
      if (node.c) return eval(*node.c);
      return Value::undefined("the inline if-expression evaluated to false and no else section was defined.");
    case NodeType::kAnd: {
      Value left = eval(*node.a);
      return truth(left) ? eval(*node.b) : left;
    }
    case NodeType::kOr: {
      Value left = eval(*node.a);
      return truth(left) ? left : eval(*node.b);
    }
    case NodeType::kNot:
      return Value::boolean(!truth(eval(*node.a)));
    case NodeType::kNegate:
      return negated(eval(*node.a));
    case NodeType::kPlus:
      return unary_plus(eval(*node.a));
    case NodeType::kAttribute: {
      const Value owner = eval(*node.a);
      line_ = node.line;
      return get_attribute(owner, node.name);
    }
    default:
      LF_ASSERT(false);
  }
}

Value Evaluator::eval_dict(const Node& node) {
  auto dict = std::make_shared<DictObject>();
  for (size_t i = 0; i < node.items.size(); ++i) {
    const Value key = eval(*node.items[i]);
    dict->set(key, eval(*node.values[i]));
  }
  return make_dict(std::move(dict));
}

Value Evaluator::eval_binary(const Node& node) {
  const Value left = eval(*node.a), right = eval(*node.b);
  line_ = node.line;
  if (node.negated_power) return negated(binary_operation(node.op, negated(left), right));
  return binary_operation(node.op, left, right);
}

bool Evaluator::compare(Op op, const Value& a, const Value& b) {
  switch (op) {
    case Op::kEqual:
      return equals(a, b);
    case Op::kNotEqual:
      return !equals(a, b);
    case Op::kLess:
      return ordered(Order::kLess, a, b);
    case Op::kLessEqual:
      return ordered(Order::kLessEqual, a, b);
    case Op::kGreater:
      return ordered(Order::kGreater, a, b);
    case Op::kGreaterEqual:
      return ordered(Order::kGreaterEqual, a, b);
    case Op::kIn:
      return contains(b, a);
    default:
      return !contains(b, a);
  }
}

Value Evaluator::eval_compare(const Node& node) {
  Value left = eval(*node.a);
  for (size_t i = 0; i < node.ops.size(); ++i) {
    Value right = eval(*node.items[i]);
    line_ = node.line;
    if (!compare(node.ops[i], left, right)) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Evaluator::eval_concat(const Node& node) {
  std::string text;
  for (const Node* item : node.items) {
    const Value value = eval(*item);
    text += value.is_string() ? value.as_text() : to_text(value);
  }
  return Value::text(std::move(text));
}

Value Evaluator::eval_item(const Node& node) {
  const Value owner = eval(*node.a);
  if (node.b->type != NodeType::kSlice) {
    const Value key = eval(*node.b);
    line_ = node.line;
    return get_item(owner, key);
  }
  const auto part = [&](const Node* bound) { return bound ? eval(*bound) : Value::none(); };
  const Value start = part(node.b->a), stop = part(node.b->b), step = part(node.b->c);
  line_ = node.line;
  return get_slice(owner, start, stop, step);
}

Args Evaluator::eval_args(const CallArgs& given) {
  Args args;
  args.positional = eval_all(given.positional);
  for (const auto& [name, node] : given.named) args.named.emplace_back(name, eval(*node));
  if (given.more_positional) {
    const Value more = eval(*given.more_positional);
    LF_CHECK(kData, is_iterable(more), "argument after * must be an iterable, not {}", type_name(more));
    for (const Value& value : to_vector(more)) args.positional.push_back(value);
  }
  if (given.more_named) {
    const Value more = eval(*given.more_named);
    LF_CHECK(kData, more.is(Kind::kDict), "argument after ** must be a mapping, not {}", type_name(more));
    for (const auto& [key, value] : more.as_dict().items) {
      LF_CHECK(kData, key.is_string(), "keywords must be strings");
      for (const auto& [name, unused] : args.named) {
        LF_CHECK(kData, name != key.as_text(), "got multiple values for keyword argument '{}'", name);
      }
      args.named.emplace_back(key.as_text(), value);
    }
  }
  return args;
}

Value Evaluator::eval_call(const Node& node, const Value* caller) {
  const Value callee = eval(*node.a);
  Args args = eval_args(node.args);
  if (caller) {
    for (const auto& [name, unused] : args.named) {
      LF_CHECK(kData, name != "caller", "got multiple values for keyword argument 'caller'");
    }
    args.named.emplace_back("caller", *caller);
  }
  line_ = node.line;
  return call(callee, args);
}

Value Evaluator::eval_filter(const Node& node, const Value* block) {
  const Value input = !node.a ? *block : block ? eval_filter(*node.a, block) : eval(*node.a);
  const Args args = eval_args(node.args);
  line_ = node.line;
  LF_CHECK(kData, node.builtin, "No filter named '{}' found.", node.name);
  return node.builtin(*this, input, args);
}

Value Evaluator::eval_test(const Node& node) {
  const Value input = eval(*node.a);
  const Args args = eval_args(node.args);
  line_ = node.line;
  LF_CHECK(kData, node.builtin, "No test named '{}' found.", node.name);
  return node.builtin(*this, input, args);
}

}  // namespace lf::jinja
