// Names, literals, tuples.
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/error.h"
#include "templates/jinja/parser.h"

namespace lf::jinja {

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

}  // namespace lf::jinja
