#include "templates/jinja/symbols.h"

#include <algorithm>

namespace lf::jinja {

Symbols::Symbols(const Symbols* parent, Function* function)
    : parent_(parent), function_(function), slots_(std::make_shared<std::map<std::string, int>>()) {}

const Variable* Symbols::find(const std::string& name) const {
  for (const Symbols* symbols = this; symbols; symbols = symbols->parent_) {
    const auto it = symbols->names_.find(name);
    if (it != symbols->names_.end()) return &it->second;
  }
  return nullptr;
}

void Symbols::set_entry(const Entry& entry) {
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& other) { return other.variable == entry.variable; });
  if (it == entries_.end())
    entries_.push_back(entry);
  else
    *it = entry;
}

Variable Symbols::define(const std::string& name, Load::How how, Variable source) {
  const auto [it, fresh] = slots_->emplace(name, function_->slots);
  function_->slots += fresh;
  const Variable variable{function_, it->second};
  names_[name] = variable;
  set_entry({variable, how, source, name});
  return variable;
}

void Symbols::store(const std::string& name) {
  stores_.insert(name);
  if (names_.count(name)) return;
  const Variable* outer = parent_ ? parent_->find(name) : nullptr;
  define(name, outer ? Load::How::kAlias : Load::How::kUndefined, outer ? *outer : Variable{});
}

void Symbols::load(const std::string& name) {
  if (!find(name)) define(name, Load::How::kResolve);
}

Variable Symbols::declare(const std::string& name) {
  stores_.insert(name);
  return define(name, Load::How::kParameter);
}

void Symbols::merge(const std::vector<Symbols>& branches) {
  std::set<std::string> stored;
  for (const Symbols& branch : branches) stored.insert(branch.stores_.begin(), branch.stores_.end());
  for (const std::string& name : stores_) stored.erase(name);
  for (const Symbols& branch : branches) {
    for (const auto& [name, variable] : branch.names_) names_[name] = variable;
    for (const Entry& entry : branch.entries_) set_entry(entry);
    stores_.insert(branch.stores_.begin(), branch.stores_.end());
  }
  for (const std::string& name : stored) {
    const Variable* outer = parent_ ? parent_->find(name) : nullptr;
    set_entry({*find(name), outer ? Load::How::kAlias : Load::How::kResolve, outer ? *outer : Variable{}, name});
  }
}

Scope Symbols::scope() const {
  const auto ref = [&](const Variable& variable) {
    return variable.function ? VariableRef{function_->depth - variable.function->depth, variable.slot} : VariableRef{};
  };
  Scope scope;
  for (const bool undefined : {false, true}) {  // those without a value come last
    for (const Entry& entry : entries_) {
      if ((entry.how == Load::How::kUndefined) == undefined)
        scope.loads.push_back({entry.how, ref(entry.variable), ref(entry.source), entry.name});
    }
  }
  return scope;
}

void SymbolVisitor::visit_all(const std::vector<Node*>& nodes) {
  for (const Node* node : nodes) visit(node);
}

void SymbolVisitor::visit_args(const CallArgs& args) {
  visit_all(args.positional);
  for (const auto& [name, value] : args.named) visit(value);
  if (args.more_positional) visit(args.more_positional);
  if (args.more_named) visit(args.more_named);
}

void SymbolVisitor::visit_if(const Node& node) {
  visit(node.a);
  Symbols* const outer = symbols_;
  std::vector<Symbols> branches;
  for (const auto* body : {&node.body, &node.elifs, &node.otherwise}) {
    Symbols branch = *outer;
    symbols_ = &branch;
    visit_all(*body);
    branches.push_back(std::move(branch));
  }
  symbols_ = outer;
  outer->merge(branches);
}

void SymbolVisitor::visit(const Node* node, bool as_param) {
  switch (node->type) {
    case NodeType::kName:
      if (as_param || node->context == Node::Context::kParam)
        symbols_->declare(node->name);
      else if (node->context == Node::Context::kStore)
        symbols_->store(node->name);
      else
        symbols_->load(node->name);
      return;
    case NodeType::kNamespaceRef:
      return symbols_->load(node->name);
    case NodeType::kIf:
      return visit_if(*node);
    case NodeType::kMacro:
      return symbols_->store(node->name);
    case NodeType::kSet:
      visit(node->b);
      return visit(node->a);
    case NodeType::kFor:
      return visit(node->b);
    case NodeType::kCallBlock:
    case NodeType::kFilterBlock:
    case NodeType::kSetBlock:
      return visit(node->a);
    case NodeType::kGeneration:
      return;
    case NodeType::kWith:
      return visit_all(node->values);
    default:
      for_each_child(*node, [&](const Node* child) { visit(child, as_param); });
  }
}

namespace {

class UndeclaredFinder {
 public:
  UndeclaredFinder(std::set<std::string> names) : names_(std::move(names)) {}

  void visit(const Node* node) {
    if (node->type == NodeType::kName) {
      if (node->context == Node::Context::kLoad && names_.count(node->name))
        found_.insert(node->name);
      else
        names_.erase(node->name);
      return;
    }
    for_each_child(*node, [&](const Node* child) { visit(child); });
  }
  std::set<std::string> found() { return std::move(found_); }

 private:
  std::set<std::string> names_, found_;
};

}  // namespace

std::set<std::string> undeclared(const std::vector<Node*>& body, std::set<std::string> names) {
  UndeclaredFinder finder(std::move(names));
  for (const Node* node : body) finder.visit(node);
  return finder.found();
}

}  // namespace lf::jinja
