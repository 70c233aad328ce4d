// The walk over the tree that makes scopes and gives names their variables (see symbols.h), in the order of jinja2's
// code generator.
#include <algorithm>
#include <cmath>

#include "templates/jinja/fold.h"
#include "templates/jinja/lexer.h"
#include "templates/jinja/parser.h"
#include "templates/jinja/symbols.h"

namespace lf::jinja {
namespace {

/// Where the walk is.
struct Frame {
  const Symbols* symbols;
  bool soft = false;     // inside a branch, where unknown filters fail only when they are reached
  bool loop = false;     // inside a loop of the same function, where break and continue are allowed
  bool operand = false;  // inside an expression that jinja2 tries to fold
  bool output = false;   // an expression that is printed, all of it
};

class Resolver {
 public:
  Resolver(Tree& tree, std::string_view source) : tree_(tree), source_(source) {}

  void run() {
    if (!undeclared(tree_.body, {"self"}).empty())
      syntax_error(source_, 1, "the variable 'self' is not supported in chat templates");
    folds_ = std::any_of(tree_.nodes.begin(), tree_.nodes.end(), [](const Node& node) {
      return is_lenient_slice(node) || is_unknown(node) || is_unwritable(node);
    });
    tree_.function = new_function(nullptr);
    Symbols symbols(nullptr, tree_.function);
    SymbolVisitor(symbols).visit_all(tree_.body);
    tree_.scope = symbols.scope();
    visit_all(tree_.body, {&symbols});
  }

 private:
  [[noreturn]] void fail(const Node& node, const std::string& message) const {
    syntax_error(source_, node.line, message);
  }

  Function* new_function(const Function* outer) {
    Function& function = tree_.functions.emplace_back();
    function.depth = outer ? outer->depth + 1 : 0;
    return &function;
  }

  VariableRef ref(const Node& node, const std::string& name, const Frame& frame) const {
    const Variable* variable = frame.symbols->find(name);
    if (!variable) fail(node, "the name '" + name + "' cannot be used here");
    return {frame.symbols->function()->depth - variable->function->depth, variable->slot};
  }

  void visit_all(const std::vector<Node*>& nodes, const Frame& frame) {
    for (Node* node : nodes) visit(*node, frame);
  }

  void visit_some(Node* node, const Frame& frame) {
    if (node) visit(*node, frame);
  }

  static Builtin builtin_of(const Node& node) {
    return node.type == NodeType::kFilter ? find_filter(node.name) : find_test(node.name);
  }

  static bool is_unknown(const Node& node) {
    return (node.type == NodeType::kFilter || node.type == NodeType::kTest) && !builtin_of(node);
  }

  /// Makes a constant of what jinja2 folds; done only in templates where it shows.
  bool folded(Node& node, const Frame& frame) const {
    const bool whole = frame.output, starts = is_folded(node.type);
    if (!folds_ || node.type == NodeType::kSlice || !(whole || starts || frame.operand)) return false;
    const std::optional<Value> value = fold(node);
    if (!value || !(whole || has_literal(*value))) return false;
    node.type = NodeType::kConst;
    node.value = *value;
    if (!whole) note_unwritable(node);
    return true;
  }

  /// A constant with nan or inf fails when it is reached, unless it is printed as it stands.
  static void note_unwritable(Node& node) {
    const std::string_view part = unwritable_part(node.value);
    if (part.empty()) return;
    node.type = NodeType::kUnwritable;
    node.name = part;
  }

  /// Expressions that jinja2's code generator tries to fold, with all that is in them.
  static bool is_folded(NodeType type) {
    switch (type) {
      case NodeType::kCondition:
      case NodeType::kAnd:
      case NodeType::kOr:
      case NodeType::kNot:
      case NodeType::kNegate:
      case NodeType::kPlus:
      case NodeType::kBinary:
      case NodeType::kCompare:
      case NodeType::kConcat:
      case NodeType::kAttribute:
      case NodeType::kItem:
      case NodeType::kCall:
      case NodeType::kFilter:
      case NodeType::kTest:
        return true;
      default:
        return false;
    }
  }

  void visit(Node& node, const Frame& outer) {
    if (folded(node, outer)) return;
    Frame frame = outer;
    frame.output = false;
    if (is_folded(node.type)) frame.operand = true;
    switch (node.type) {
      case NodeType::kConst:
        return note_unwritable(node);
      case NodeType::kName:
      case NodeType::kNamespaceRef:
        node.ref = ref(node, node.name, frame);
        return;
      case NodeType::kFor:
        return visit_for(node, frame);
      case NodeType::kIf: {
        Frame soft = frame;
        soft.soft = true;
        for_each_child(node, [&](Node* child) { visit(*child, soft); });
        return;
      }
      case NodeType::kCondition: {
        Frame soft = frame;
        soft.soft = true;
        visit(*node.b, soft), visit(*node.a, soft), visit_some(node.c, soft);
        return;
      }
      case NodeType::kMacro:
        node.ref = ref(node, node.name, frame);
        return visit_macro(node, frame);
      case NodeType::kCallBlock:
        visit_macro(node, frame);
        return visit(*node.a, frame);
      case NodeType::kGeneration:
        return visit_macro(node, frame);
      case NodeType::kFilterBlock:
      case NodeType::kSetBlock:
      case NodeType::kWith:
        return visit_scope(node, frame);
      case NodeType::kBreak:
      case NodeType::kContinue:
        if (!frame.loop) fail(node, "'break' and 'continue' need a loop around them");
        return;
      case NodeType::kFilter:
      case NodeType::kTest:
        return visit_builtin(node, frame);
      case NodeType::kDict:
        if (frame.operand && is_broken_constant_dict(node)) fail(node, "a key of the dict cannot be hashed");
        return visit_children(node, frame);
      case NodeType::kBinary:
        if (node.op == Op::kPow) note_sign(node);
        return visit_children(node, frame);
      case NodeType::kOutput:
        frame.output = true;
        return visit_children(node, frame);
      default:
        visit_children(node, frame);
    }
  }

  void visit_children(Node& node, const Frame& frame) {
    for_each_child(node, [&](Node* child) { visit(*child, frame); });
  }

  /// (-3) ** x becomes the source text -3 ** x, which Python reads as -(3 ** x), unless x is constant too.
  static void note_sign(Node& node) {
    if (fold(node)) return;
    const std::optional<Value> base = fold(*node.a);
    const bool negative = base && ((base->is(Kind::kInt) && base->as_int() < 0) ||
                                   (base->is(Kind::kFloat) && std::signbit(base->as_float())));
    node.negated_power = negative;
  }

  void visit_builtin(Node& node, const Frame& frame) {
    const bool filter = node.type == NodeType::kFilter;
    node.builtin = builtin_of(node);
    if (!node.builtin && !frame.soft)
      fail(node, std::string("No ") + (filter ? "filter" : "test") + " named '" + node.name + "'.");
    visit_children(node, frame);
  }

  void visit_scope(Node& node, const Frame& frame) {
    Symbols symbols(frame.symbols, frame.symbols->function());
    SymbolVisitor visitor(symbols);
    if (node.type == NodeType::kWith) visitor.visit_all(node.items);
    visitor.visit_all(node.body);
    if (node.type == NodeType::kFilterBlock) visitor.visit(node.a);
    node.scope = symbols.scope();
    const Frame inner{&symbols, false, frame.loop};
    if (node.type == NodeType::kWith) {
      visit_all(node.items, inner);
      visit_all(node.values, frame);
    }
    visit_all(node.body, inner);
    if (node.type == NodeType::kFilterBlock) visit(*node.a, inner);
    if (node.type == NodeType::kSetBlock) {
      visit(*node.a, frame);
      visit_some(node.b, inner);
    }
  }

  void check_loop_name(const Node& node, const Node& loop) const {
    if (node.type == NodeType::kName && node.context == Node::Context::kStore && node.name == "loop")
      fail(loop, "Can't assign to special loop variable in for-loop target");
    for_each_child(node, [&](const Node* child) { check_loop_name(*child, loop); });
  }

  void visit_for(Node& node, const Frame& frame) {
    Function* const outer = frame.symbols->function();
    if (node.recursive) node.function = new_function(outer);
    Function* const function = node.recursive ? node.function : outer;
    const bool extended = node.recursive || !undeclared(node.body, {"loop"}).empty();

    Symbols body(frame.symbols, function);
    if (extended) node.loop_ref = {0, body.declare("loop").slot};
    SymbolVisitor body_visitor(body);
    body_visitor.visit(node.a, true);
    body_visitor.visit_all(node.body);
    node.scope = body.scope();

    Symbols otherwise(frame.symbols, function);
    SymbolVisitor(otherwise).visit_all(node.otherwise);
    node.otherwise_scope = otherwise.scope();
    check_loop_name(node, node);

    visit(*node.b, frame);
    if (node.c) visit_loop_test(node, frame);
    visit(*node.a, {&body});
    visit_all(node.body, {&body, false, true});
    visit_all(node.otherwise, {&otherwise, false, frame.loop && !node.recursive});
  }

  /// The test runs in a generator of its own, with the targets as its variables.
  void visit_loop_test(Node& node, const Frame& frame) {
    node.test_function = new_function(frame.symbols->function());
    Symbols symbols(frame.symbols, node.test_function);
    SymbolVisitor visitor(symbols);
    visitor.visit(node.a, true);
    visitor.visit(node.c);
    node.test_scope = symbols.scope();
    visit(*node.c, {&symbols});
    visit(*node.a, {&symbols});
    node.values = {clone_target(*node.a)};
  }

  /// The target once more, for the variables of the test.
  Node* clone_target(const Node& target) {
    Node& copy = tree_.nodes.emplace_back(target);
    for (Node*& item : copy.items) item = clone_target(*item);
    return &copy;
  }

  void visit_macro(Node& node, const Frame& frame) {
    node.function = new_function(frame.symbols->function());
    node.macro = std::make_shared<MacroInfo>();
    MacroInfo& macro = *node.macro;
    Symbols symbols(frame.symbols, node.function);
    analyze_macro(node, symbols);
    const std::set<std::string> special = undeclared(node.body, {"caller", "kwargs", "varargs"});
    const auto is_param = [&](const char* name) {
      return std::any_of(node.params.begin(), node.params.end(), [&](const Node* p) { return p->name == name; });
    };
    macro.uses_caller = special.count("caller") > 0;
    if (macro.uses_caller && is_param("caller")) check_caller_default(node);
    if (macro.uses_caller && !is_param("caller")) macro.caller_slot = symbols.declare("caller").slot;
    if (special.count("kwargs") && !is_param("kwargs")) macro.kwargs_slot = symbols.declare("kwargs").slot;
    if (special.count("varargs") && !is_param("varargs")) macro.varargs_slot = symbols.declare("varargs").slot;
    analyze_macro(node, symbols);
    for (const Node* param : node.params) macro.param_slots.push_back(symbols.find(param->name)->slot);
    node.scope = symbols.scope();
    visit_all(node.values, {&symbols});
    visit_all(node.body, {&symbols});
  }

  static void analyze_macro(const Node& node, Symbols& symbols) {
    SymbolVisitor visitor(symbols);
    visitor.visit_all(node.params);
    visitor.visit_all(node.values);
    visitor.visit_all(node.body);
  }

  /// A parameter called caller needs a default when the body calls it.
  void check_caller_default(const Node& node) const {
    const size_t required = node.params.size() - node.values.size();
    for (size_t i = 0; i < required; ++i) {
      if (node.params[i]->name == "caller") fail(node, "the special \"caller\" argument must be given a default");
    }
  }

  Tree& tree_;
  std::string_view source_;
  bool folds_ = false;  // folding shows: a slice of a constant is undefined then, an unknown filter vanishes, nan fails
};

}  // namespace

void resolve(Tree& tree, std::string_view source) { Resolver(tree, source).run(); }

}  // namespace lf::jinja
