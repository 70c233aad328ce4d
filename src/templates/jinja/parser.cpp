#include "templates/jinja/parser.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/budget.h"

namespace lf::jinja {
namespace {

/// Tags that load other templates, or only make sense with them.
constexpr std::string_view kRefused[] = {"include", "import", "from", "extends", "block", "autoescape"};

void mark_param(Node* node) {
  node->context = Node::Context::kParam;
  for (Node* item : node->items) mark_param(item);
}

std::string describe(const Token& token) {
  switch (token.type) {
    case TokenType::kEnd:
      return "end of template";
    case TokenType::kBlockEnd:
      return "end of statement block";
    case TokenType::kVariableEnd:
      return "end of print statement";
    case TokenType::kData:
      return "template data";
    default:
      return "'" + printable(token.text, 40) + "'";
  }
}

}  // namespace

Parser::Nesting::Nesting(Parser& parser) : parser_(parser) {
  if (++parser_.depth_ > current_limits().depth)
    parser_.fail(fmt::format("nested deeper than {} levels", current_limits().depth));
}

Parser::Parser(std::string_view source, Tree& tree) : source_(source), tree_(tree), tokens_(tokenize(source)) {}

void Parser::run() {
  tree_.body = body({});
  if (!at(TokenType::kEnd)) unexpected();
}

Token Parser::take() {
  Token token = current();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool Parser::at_any_name(Words names) const {
  return at(TokenType::kName) && std::find(names.begin(), names.end(), current().text) != names.end();
}

bool Parser::skip_op(std::string_view op) {
  const bool found = at_op(op);
  if (found) take();
  return found;
}

bool Parser::skip_name(std::string_view name) {
  const bool found = at_name(name);
  if (found) take();
  return found;
}

void Parser::expect_op(std::string_view op) {
  if (!skip_op(op)) fail(fmt::format("expected '{}' but found {}", op, describe(current())));
}

Token Parser::expect(TokenType type, std::string_view what) {
  if (!at(type)) fail(fmt::format("expected {} but found {}", what, describe(current())));
  return take();
}

void Parser::fail(const std::string& message, int line) const {
  syntax_error(source_, line ? line : current().line, message);
}

void Parser::unexpected() const { fail("unexpected " + describe(current())); }

Node* Parser::make(NodeType type, int line) {
  Node& node = tree_.nodes.emplace_back();
  node.type = type;
  node.line = line;
  return &node;
}

Node* Parser::done(Node* node) const {
  int height = 0;
  const auto look_at = [&](const Node* child) { height = std::max(height, child ? child->height : 0); };
  for (const Node* child : {node->a, node->b, node->c, node->args.more_positional, node->args.more_named})
    look_at(child);
  for (const auto* list : {&node->items, &node->values, &node->args.positional}) {
    for (const Node* child : *list) look_at(child);
  }
  for (const auto& [name, child] : node->args.named) look_at(child);
  node->height = height + 1;
  if (node->height > Limits::kHeight) fail(fmt::format("an expression of more than {} levels", Limits::kHeight));
  return node;
}

Parser::Nodes Parser::body(Words ends) {
  Nodes out;
  Node* output = nullptr;
  const auto add = [&](Node* node) {
    if (!output) out.push_back(output = make(NodeType::kOutput, node->line));
    output->items.push_back(node);
  };
  while (!at(TokenType::kEnd)) {
    if (at(TokenType::kData)) {
      const Token token = take();
      Node* data = make(NodeType::kTemplateData, token.line);
      data->value = Value::text(token.text);
      add(data);
    } else if (at(TokenType::kVariableBegin)) {
      take();
      add(tuple({}));
      expect(TokenType::kVariableEnd, "end of print statement");
    } else {
      expect(TokenType::kBlockBegin, "a tag");
      output = nullptr;
      if (at_any_name(ends)) return out;
      out.push_back(statement());
      expect(TokenType::kBlockEnd, "end of statement block");
    }
  }
  return out;
}

Parser::Nodes Parser::statements(Words ends, bool drop_end) {
  const Nesting nesting(*this);
  skip_op(":");
  expect(TokenType::kBlockEnd, "end of statement block");
  Nodes out = body(ends);
  if (at(TokenType::kEnd))
    fail(fmt::format("unexpected end of template, looking for {}", join({ends.begin(), ends.end()}, " or ")));
  if (drop_end) take();
  return out;
}

Node* Parser::statement() {
  if (!at(TokenType::kName)) fail("tag name expected");
  const std::string& tag = current().text;
  if (tag == "set") return set_statement();
  if (tag == "for") return for_statement();
  if (tag == "if") return if_statement();
  if (tag == "with") return with_statement();
  if (tag == "macro") return macro_statement();
  if (tag == "call") return call_statement();
  if (tag == "filter") return filter_statement();
  if (tag == "generation") return generation_statement();
  if (tag == "print") return print_statement();
  if (tag == "break" || tag == "continue") {
    const Token token = take();
    return make(token.text == "break" ? NodeType::kBreak : NodeType::kContinue, token.line);
  }
  if (std::find(std::begin(kRefused), std::end(kRefused), tag) != std::end(kRefused))
    fail("the tag '" + tag + "' is not supported in chat templates");
  fail("unknown tag '" + printable(tag) + "'");
}

Node* Parser::set_statement() {
  Node* node = make(NodeType::kSet, take().line);
  node->a = target({.simplified = true, .with_namespace = true});
  if (skip_op("=")) {
    node->b = tuple({});
    return done(node);
  }
  node->type = NodeType::kSetBlock;
  node->b = filter(nullptr);
  node->body = statements({"endset"}, true);
  return node;
}

Node* Parser::for_statement() {
  Node* node = make(NodeType::kFor, take().line);
  node->a = target({.simplified = true, .end_name = "in"});
  if (!skip_name("in")) fail("expected 'in' but found " + describe(current()));
  node->b = tuple({.with_condition = false, .end_name = "recursive"});
  if (skip_name("if")) node->c = expression();
  node->recursive = skip_name("recursive");
  node->body = statements({"endfor", "else"}, false);
  if (take().text == "else") node->otherwise = statements({"endfor"}, true);
  return node;
}

Node* Parser::if_statement() {
  Node* first = make(NodeType::kIf, take().line);
  for (Node* node = first;;) {
    node->a = tuple({.with_condition = false});
    node->body = statements({"elif", "else", "endif"}, false);
    const std::string word = take().text;
    if (word == "elif") {
      node = make(NodeType::kIf, current().line);
      first->elifs.push_back(node);
      continue;
    }
    if (word == "else") first->otherwise = statements({"endif"}, true);
    return first;
  }
}

Node* Parser::with_statement() {
  Node* node = make(NodeType::kWith, take().line);
  while (!at(TokenType::kBlockEnd)) {
    if (!node->items.empty()) expect_op(",");
    Node* assigned = target({.simplified = true});
    mark_param(assigned);
    node->items.push_back(assigned);
    expect_op("=");
    node->values.push_back(expression());
  }
  node->body = statements({"endwith"}, true);
  return node;
}

void Parser::signature(Node* node) {
  expect_op("(");
  while (!at_op(")")) {
    if (!node->params.empty()) expect_op(",");
    Node* param = target_name();
    param->context = Node::Context::kParam;
    if (skip_op("="))
      node->values.push_back(expression());
    else if (!node->values.empty())
      fail("non-default argument follows default argument");
    for (const Node* other : node->params) {
      if (other->name == param->name) fail("duplicate argument '" + param->name + "'");
    }
    node->params.push_back(param);
  }
  expect_op(")");
}

Node* Parser::macro_statement() {
  Node* node = make(NodeType::kMacro, take().line);
  node->name = target_name()->name;
  signature(node);
  node->body = statements({"endmacro"}, true);
  return node;
}

Node* Parser::call_statement() {
  Node* node = make(NodeType::kCallBlock, take().line);
  if (at_op("(")) signature(node);
  node->a = expression();
  if (node->a->type != NodeType::kCall) fail("expected a call", node->line);
  node->body = statements({"endcall"}, true);
  return node;
}

Node* Parser::filter_statement() {
  Node* node = make(NodeType::kFilterBlock, take().line);
  node->a = filter(nullptr, true);
  node->body = statements({"endfilter"}, true);
  return node;
}

Node* Parser::generation_statement() {
  Node* node = make(NodeType::kGeneration, take().line);
  node->body = statements({"endgeneration"}, true);
  return node;
}

Node* Parser::print_statement() {
  Node* node = make(NodeType::kOutput, take().line);
  while (!at(TokenType::kBlockEnd)) {
    if (!node->items.empty()) expect_op(",");
    node->items.push_back(expression());
  }
  return node;
}

Tree parse_template(std::string_view source) {
  Tree tree;
  Parser(source, tree).run();
  resolve(tree, source);
  return tree;
}

}  // namespace lf::jinja
