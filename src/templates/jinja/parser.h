// Tokens to a syntax tree, following jinja2's grammar rule by rule.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "templates/jinja/ast.h"
#include "templates/jinja/lexer.h"

namespace lf::jinja {

/// kConfig with the line for what is no template, and for import, include, extends, block and autoescape.
Tree parse_template(std::string_view source);

class Parser {
 public:
  Parser(std::string_view source, Tree& tree);
  void run();

 private:
  using Nodes = std::vector<Node*>;
  using Words = std::initializer_list<std::string_view>;
  class Nesting;

  // parser.cpp: tokens and nodes
  const Token& current() const { return tokens_[at_]; }
  const Token& look() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  Token take();
  bool at(TokenType type) const { return current().type == type; }
  bool at_op(std::string_view op) const { return at(TokenType::kOperator) && current().text == op; }
  bool at_name(std::string_view name) const { return at(TokenType::kName) && current().text == name; }
  bool at_any_name(Words names) const;
  bool skip_op(std::string_view op);
  bool skip_name(std::string_view name);
  void expect_op(std::string_view op);
  Token expect(TokenType type, std::string_view what);
  [[noreturn]] void fail(const std::string& message, int line = 0) const;
  [[noreturn]] void unexpected() const;
  Node* make(NodeType type, int line);
  /// Sets the height of a finished node.
  Node* done(Node* node) const;

  // parser.cpp: statements
  Nodes body(Words ends);
  Nodes statements(Words ends, bool drop_end);
  Node* statement();
  Node* set_statement();
  Node* for_statement();
  Node* if_statement();
  Node* with_statement();
  Node* macro_statement();
  Node* call_statement();
  Node* filter_statement();
  Node* generation_statement();
  Node* print_statement();
  void signature(Node* node);

  // parse_expression.cpp
  Node* expression(bool with_condition = true);
  Node* condition();
  Node* or_expression();
  Node* and_expression();
  Node* not_expression();
  std::optional<Op> comparison();
  Node* compare();
  Node* sum();
  Node* concat();
  Node* product();
  Node* power();
  Node* unary(bool with_filter = true);
  Node* primary(bool with_namespace = false);
  Node* string_literal();
  Node* number_literal();
  Node* list_literal();
  Node* dict_literal();
  Node* postfix(Node* node);
  Node* filters_and_tests(Node* node);
  Node* subscript(Node* node);
  Node* subscribed();
  Node* call(Node* node);
  Node* filter(Node* node, bool start_inline = false);
  Node* test(Node* node);
  std::string dotted_name();
  CallArgs call_args();
  void call_arg(CallArgs& args);
  struct TupleRules {
    bool simplified = false, with_condition = true, explicit_parentheses = false, with_namespace = false;
    std::string_view end_name = "";
  };
  Node* tuple(const TupleRules& rules);
  Node* binary(Op op, Node* a, Node* b, int line);
  Node* target(const TupleRules& rules);
  Node* target_name();
  void mark_stored(Node* node) const;

  std::string_view source_;
  Tree& tree_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

/// Counts how deep the parser is; kConfig beyond the limit.
class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser);
  ~Nesting() { --parser_.depth_; }

 private:
  Parser& parser_;
};

/// Gives each name its slot, as jinja2's compiler scopes them, and checks what that compiler checks: filters and tests
/// outside of branches must exist, break and continue need a loop.
void resolve(Tree& tree, std::string_view source);

}  // namespace lf::jinja
