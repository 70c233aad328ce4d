#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/parser.h"

namespace lf::jinja {

Node* Parser::binary(Op op, Node* a, Node* b, int line) {
  Node* node = make(NodeType::kBinary, line);
  node->op = op;
  node->a = a;
  node->b = b;
  return done(node);
}

Node* Parser::expression(bool with_condition) {
  const Nesting nesting(*this);
  return with_condition ? condition() : or_expression();
}

Node* Parser::condition() {
  Node* left = or_expression();
  while (at_name("if")) {
    Node* node = make(NodeType::kCondition, take().line);
    node->b = left;
    node->a = or_expression();
    if (skip_name("else")) {
      const Nesting nesting(*this);
      node->c = condition();
    }
    left = done(node);
  }
  return left;
}

Node* Parser::or_expression() {
  Node* left = and_expression();
  while (at_name("or")) {
    Node* node = make(NodeType::kOr, take().line);
    node->a = left;
    node->b = and_expression();
    left = done(node);
  }
  return left;
}

Node* Parser::and_expression() {
  Node* left = not_expression();
  while (at_name("and")) {
    Node* node = make(NodeType::kAnd, take().line);
    node->a = left;
    node->b = not_expression();
    left = done(node);
  }
  return left;
}

Node* Parser::not_expression() {
  if (!at_name("not")) return compare();
  const Nesting nesting(*this);
  Node* node = make(NodeType::kNot, take().line);
  node->a = not_expression();
  return done(node);
}

Node* Parser::compare() {
  constexpr std::pair<std::string_view, Op> kOps[] = {{"==", Op::kEqual},  {"!=", Op::kNotEqual},
                                                      {"<", Op::kLess},    {"<=", Op::kLessEqual},
                                                      {">", Op::kGreater}, {">=", Op::kGreaterEqual}};
  Node* left = sum();
  Node* node = make(NodeType::kCompare, left->line);
  for (;;) {
    const auto* op = std::find_if(std::begin(kOps), std::end(kOps), [&](const auto& o) { return at_op(o.first); });
    if (op != std::end(kOps)) {
      take();
      node->ops.push_back(op->second);
    } else if (skip_name("in")) {
      node->ops.push_back(Op::kIn);
    } else if (at_name("not") && look().type == TokenType::kName && look().text == "in") {
      take();
      take();
      node->ops.push_back(Op::kNotIn);
    } else {
      break;
    }
    node->items.push_back(sum());
  }
  if (node->ops.empty()) return left;
  node->a = left;
  return done(node);
}

Node* Parser::sum() {
  Node* left = concat();
  while (at_op("+") || at_op("-")) {
    const Token op = take();
    left = binary(op.text == "+" ? Op::kAdd : Op::kSub, left, concat(), op.line);
  }
  return left;
}

Node* Parser::concat() {
  Node* first = product();
  if (!at_op("~")) return first;
  Node* node = make(NodeType::kConcat, first->line);
  node->items.push_back(first);
  while (skip_op("~")) node->items.push_back(product());
  return done(node);
}

Node* Parser::product() {
  Node* left = power();
  while (at_op("*") || at_op("/") || at_op("//") || at_op("%")) {
    const Token op = take();
    const Op kind = op.text == "*" ? Op::kMul : op.text == "/" ? Op::kDiv : op.text == "//" ? Op::kFloorDiv : Op::kMod;
    left = binary(kind, left, power(), op.line);
  }
  return left;
}

Node* Parser::power() {
  Node* left = unary();
  while (at_op("**")) {
    const int line = take().line;
    left = binary(Op::kPow, left, unary(), line);
  }
  return left;
}

Node* Parser::unary(bool with_filter) {
  const Nesting nesting(*this);
  Node* node = nullptr;
  if (at_op("-") || at_op("+")) {
    const Token op = take();
    node = make(op.text == "-" ? NodeType::kNegate : NodeType::kPlus, op.line);
    node->a = unary(false);
    done(node);
  } else {
    node = primary();
  }
  node = postfix(node);
  return with_filter ? filters_and_tests(node) : node;
}

Node* Parser::primary(bool with_namespace) {
  switch (current().type) {
    case TokenType::kString:
      return string_literal();
    case TokenType::kInteger:
    case TokenType::kFloat:
      return number_literal();
    case TokenType::kName:
      break;
    default:
      if (at_op("[")) return list_literal();
      if (at_op("{")) return dict_literal();
      if (!skip_op("(")) unexpected();
      Node* inner = tuple({.explicit_parentheses = true});
      expect_op(")");
      return inner;
  }
  const Token token = take();
  Node* node = make(NodeType::kConst, token.line);
  if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False") {
    node->value = Value::boolean(token.text == "true" || token.text == "True");
  } else if (token.text == "none" || token.text == "None") {
    node->value = Value::none();
  } else {
    node->type = NodeType::kName;
    node->name = token.text;
    if (with_namespace && skip_op(".")) {
      node->type = NodeType::kNamespaceRef;
      node->attribute = expect(TokenType::kName, "a name").text;
    }
  }
  return node;
}

Node* Parser::string_literal() {
  Node* node = make(NodeType::kConst, current().line);
  std::string text;
  while (at(TokenType::kString)) text += take().text;
  node->value = Value::text(std::move(text));
  return node;
}

Node* Parser::number_literal() {
  const Token token = take();
  Node* node = make(NodeType::kConst, token.line);
  const char* end = token.text.data() + token.text.size();
  if (token.type == TokenType::kFloat) {
    const double value = std::strtod(token.text.c_str(), nullptr);
    if (std::isinf(value)) fail("the number " + token.text + " is out of range", token.line);
    node->value = Value::real(value);
    return node;
  }
  const char kind = token.text.size() > 1 ? token.text[1] | 0x20 : 0;
  const int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
  int64_t value = 0;
  const auto read = std::from_chars(token.text.data() + (base == 10 ? 0 : 2), end, value, base);
  if (read.ec != std::errc()) fail("integers beyond 64 bits are not supported: " + token.text, token.line);
  node->value = Value::integer(value);
  return node;
}

Node* Parser::list_literal() {
  Node* node = make(NodeType::kList, take().line);
  while (!at_op("]")) {
    if (!node->items.empty()) expect_op(",");
    if (at_op("]")) break;
    node->items.push_back(expression());
  }
  expect_op("]");
  return done(node);
}

Node* Parser::dict_literal() {
  Node* node = make(NodeType::kDict, take().line);
  while (!at_op("}")) {
    if (!node->items.empty()) expect_op(",");
    if (at_op("}")) break;
    node->items.push_back(expression());
    expect_op(":");
    node->values.push_back(expression());
  }
  expect_op("}");
  return done(node);
}

Node* Parser::tuple(const TupleRules& rules) {
  const auto at_end = [&] {
    return at(TokenType::kVariableEnd) || at(TokenType::kBlockEnd) || at_op(")") ||
           (!rules.end_name.empty() && at_name(rules.end_name));
  };
  const int line = current().line;
  std::vector<Node*> items;
  bool is_tuple = false;
  for (;;) {
    if (!items.empty()) expect_op(",");
    if (at_end()) break;
    items.push_back(rules.simplified ? primary(rules.with_namespace) : expression(rules.with_condition));
    if (!at_op(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && !items.empty()) return items[0];
  if (!is_tuple && !rules.explicit_parentheses) fail("expected an expression");
  Node* node = make(NodeType::kTuple, line);
  node->items = std::move(items);
  return done(node);
}

Node* Parser::postfix(Node* node) {
  for (;;) {
    if (at_op(".") || at_op("["))
      node = subscript(node);
    else if (at_op("("))
      node = call(node);
    else
      return node;
  }
}

Node* Parser::filters_and_tests(Node* node) {
  for (;;) {
    if (at_op("|"))
      node = filter(node);
    else if (at_name("is"))
      node = test(node);
    else if (at_op("("))
      node = call(node);
    else
      return node;
  }
}

Node* Parser::subscript(Node* owner) {
  const Token token = take();
  if (token.text == ".") {
    if (at(TokenType::kName)) {
      Node* node = make(NodeType::kAttribute, token.line);
      node->a = owner;
      node->name = take().text;
      return done(node);
    }
    if (!at(TokenType::kInteger)) fail("expected a name or a number");
    Node* node = make(NodeType::kItem, token.line);
    node->a = owner;
    node->b = number_literal();
    return done(node);
  }
  std::vector<Node*> keys;
  while (!at_op("]")) {
    if (!keys.empty()) expect_op(",");
    keys.push_back(subscribed());
  }
  expect_op("]");
  Node* node = make(NodeType::kItem, token.line);
  node->a = owner;
  if (keys.size() == 1) {
    node->b = keys[0];
    return done(node);
  }
  for (const Node* key : keys) {
    if (key->type == NodeType::kSlice) fail("a slice among several subscripts is not supported", token.line);
  }
  node->b = make(NodeType::kTuple, token.line);
  node->b->items = std::move(keys);
  done(node->b);
  return done(node);
}

Node* Parser::subscribed() {
  const int line = current().line;
  Node* start = nullptr;
  if (!skip_op(":")) {
    start = expression();
    if (!skip_op(":")) return start;
  }
  const auto part = [&]() -> Node* { return at_op(":") || at_op("]") || at_op(",") ? nullptr : expression(); };
  Node* node = make(NodeType::kSlice, line);
  node->a = start;
  node->b = part();
  if (skip_op(":") && !at_op("]") && !at_op(",")) node->c = expression();
  return done(node);
}

void Parser::call_arg(CallArgs& args) {
  const auto ensure = [&](bool good) {
    if (!good) fail("invalid syntax for function call expression");
  };
  if (skip_op("*")) {
    ensure(!args.more_positional && !args.more_named);
    args.more_positional = expression();
  } else if (skip_op("**")) {
    ensure(!args.more_named);
    args.more_named = expression();
  } else if (at(TokenType::kName) && look().type == TokenType::kOperator && look().text == "=") {
    ensure(!args.more_named);
    const std::string name = take().text;
    take();
    for (const auto& [other, unused] : args.named) {
      if (other == name) fail("the keyword argument '" + name + "' is repeated");
    }
    args.named.emplace_back(name, expression());
  } else {
    ensure(!args.more_positional && !args.more_named && args.named.empty());
    args.positional.push_back(expression());
  }
}

CallArgs Parser::call_args() {
  CallArgs args;
  bool first = true;
  expect_op("(");
  while (!at_op(")")) {
    if (!first) {
      expect_op(",");
      if (at_op(")")) break;
    }
    first = false;
    call_arg(args);
  }
  expect_op(")");
  return args;
}

Node* Parser::call(Node* callee) {
  Node* node = make(NodeType::kCall, current().line);
  node->a = callee;
  node->args = call_args();
  return done(node);
}

std::string Parser::dotted_name() {
  std::string name = expect(TokenType::kName, "a name").text;
  while (skip_op(".")) name += "." + expect(TokenType::kName, "a name").text;
  return name;
}

Node* Parser::filter(Node* input, bool start_inline) {
  while (start_inline || at_op("|")) {
    if (!start_inline) take();
    start_inline = false;
    Node* node = make(NodeType::kFilter, current().line);
    node->a = input;
    node->name = dotted_name();
    if (at_op("(")) node->args = call_args();
    input = done(node);
  }
  return input;
}

Node* Parser::test(Node* input) {
  const int line = take().line;
  const bool negated = skip_name("not");
  Node* node = make(NodeType::kTest, line);
  node->a = input;
  node->name = dotted_name();
  const bool literal = at(TokenType::kName) || at(TokenType::kString) || at(TokenType::kInteger) ||
                       at(TokenType::kFloat) || at_op("[") || at_op("{");
  if (at_op("(")) {
    node->args = call_args();
  } else if (literal && !at_any_name({"else", "or", "and"})) {
    if (at_name("is")) fail("You cannot chain multiple tests with is");
    node->args.positional.push_back(postfix(primary()));
  }
  done(node);
  if (!negated) return node;
  Node* opposite = make(NodeType::kNot, line);
  opposite->a = node;
  return done(opposite);
}

void Parser::mark_stored(Node* node) const {
  switch (node->type) {
    case NodeType::kName:
      node->context = Node::Context::kStore;
      return;
    case NodeType::kNamespaceRef:
      return;
    case NodeType::kTuple:
      for (Node* item : node->items) mark_stored(item);
      return;
    default:
      fail("can't assign to this expression", node->line);
  }
}

Node* Parser::target(const TupleRules& rules) {
  Node* node = tuple(rules);
  mark_stored(node);
  return node;
}

Node* Parser::target_name() {
  const Token token = expect(TokenType::kName, "a name");
  Node* node = make(NodeType::kName, token.line);
  node->name = token.text;
  node->context = Node::Context::kStore;
  for (const char* word : {"true", "false", "none", "True", "False", "None"}) {
    if (token.text == word) fail("can't assign to '" + token.text + "'", token.line);
  }
  return node;
}

}  // namespace lf::jinja
