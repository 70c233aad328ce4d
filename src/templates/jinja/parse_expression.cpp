// Operators, from the weakest to the strongest.
#include <algorithm>

#include "base/error.h"
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

/// The operator of a comparison, taken; nullopt when none stands here.
std::optional<Op> Parser::comparison() {
  constexpr std::pair<std::string_view, Op> kOps[] = {{"==", Op::kEqual},  {"!=", Op::kNotEqual},
                                                      {"<", Op::kLess},    {"<=", Op::kLessEqual},
                                                      {">", Op::kGreater}, {">=", Op::kGreaterEqual}};
  for (const auto& [text, op] : kOps) {
    if (skip_op(text)) return op;
  }
  if (skip_name("in")) return Op::kIn;
  if (!at_name("not") || look().type != TokenType::kName || look().text != "in") return std::nullopt;
  take();
  take();
  return Op::kNotIn;
}

Node* Parser::compare() {
  Node* left = sum();
  std::optional<Op> op = comparison();
  if (!op) return left;
  Node* node = make(NodeType::kCompare, left->line);
  node->a = left;
  for (; op; op = comparison()) {
    node->ops.push_back(*op);
    node->items.push_back(sum());
  }
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

}  // namespace lf::jinja
