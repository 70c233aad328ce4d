// Scopes of names, as jinja2's compiler sees them: which scope a name belongs to is decided once for the whole
// template, before it runs. A name that a scope assigns anywhere is that scope's own from the start.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "templates/jinja/ast.h"

namespace lf::jinja {

/// A variable: a slot in the activations of a function.
struct Variable {
  Function* function = nullptr;
  int slot = -1;
  bool operator==(const Variable&) const = default;
};

class Symbols {
 public:
  Symbols(const Symbols* parent, Function* function);

  const Variable* find(const std::string& name) const;
  void store(const std::string& name);
  void load(const std::string& name);
  Variable declare(const std::string& name);
  /// What the branches of an `if` did: names that only some of them assign start as what they were outside.
  void merge(const std::vector<Symbols>& branches);
  bool stores(const std::string& name) const { return stores_.count(name) > 0; }
  Function* function() const { return function_; }
  /// What to do on entry, in order.
  Scope scope() const;

 private:
  struct Entry {
    Variable variable;
    Load::How how;
    Variable source;
    std::string name;
  };
  Variable define(const std::string& name, Load::How how, Variable source = {});
  void set_entry(const Entry& entry);

  const Symbols* parent_;
  Function* function_;
  std::shared_ptr<std::map<std::string, int>> slots_;  // of this scope, shared with its copies
  std::map<std::string, Variable> names_;
  std::vector<Entry> entries_;
  std::set<std::string> stores_;
};

/// Adds what the nodes of one scope do with names; stops at scopes inside.
class SymbolVisitor {
 public:
  explicit SymbolVisitor(Symbols& symbols) : symbols_(&symbols) {}
  void visit(const Node* node, bool as_param = false);
  void visit_all(const std::vector<Node*>& nodes);

 private:
  void visit_if(const Node& node);
  void visit_args(const CallArgs& args);
  Symbols* symbols_;
};

/// Calls use(child) for each child in the order that jinja2 walks them.
template <class Use>
void for_each_child(const Node& node, const Use& use) {
  const auto one = [&](Node* child) {
    if (child) use(child);
  };
  const auto all = [&](const std::vector<Node*>& nodes) {
    for (Node* child : nodes) use(child);
  };
  if (node.type == NodeType::kMacro || node.type == NodeType::kGeneration) {
    all(node.params), all(node.values), all(node.body);
    return;
  }
  if (node.type == NodeType::kFilterBlock) {
    all(node.body), one(node.a);
    return;
  }
  if (node.type == NodeType::kDict) {
    for (size_t i = 0; i < node.items.size(); ++i) use(node.items[i]), use(node.values[i]);
    return;
  }
  one(node.a), one(node.b);
  if (node.type != NodeType::kFor) one(node.c);
  all(node.items), all(node.params), all(node.values), all(node.body), all(node.elifs), all(node.otherwise);
  if (node.type == NodeType::kFor) one(node.c);
  all(node.args.positional);
  for (const auto& [name, child] : node.args.named) use(child);
  one(node.args.more_positional), one(node.args.more_named);
}

/// Those of `names` that are read before they are assigned, in walking order.
std::set<std::string> undeclared(const std::vector<Node*>& body, std::set<std::string> names);

}  // namespace lf::jinja
