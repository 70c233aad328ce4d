// What follows a value: attributes, subscripts, calls, filters, tests; and targets of assignments.
#include "base/error.h"
#include "templates/jinja/parser.h"

namespace lf::jinja {

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
