// The syntax tree of a template. One node type for expressions and statements; which members a kind uses stands beside
// it. Nodes live in the Tree and point at each other freely.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "templates/jinja/interp.h"

namespace lf::jinja {

enum class NodeType : uint8_t {
  // expressions
  kConst,         // value
  kUnwritable,    // a constant with nan or inf in it (see fold.h)
  kTemplateData,  // value
  kName,          // name, context, ref
  kNamespaceRef,  // name.attribute as a target; ref
  kTuple,         // items
  kList,          // items
  kDict,          // items: keys, values
  kCondition,     // b if a else c (c may be null)
  kAnd,           // a, b
  kOr,            // a, b
  kNot,           // a
  kNegate,        // a
  kPlus,          // a
  kBinary,        // a op b
  kCompare,       // a, then ops[i] items[i]
  kConcat,        // items
  kAttribute,     // a.name
  kItem,          // a[b]
  kSlice,         // only inside kItem: a:b:c, each may be null
  kCall,          // a(args)
  kFilter,        // a|name(args); a is null at the start of a filter block
  kTest,          // a is name(args)
  // statements
  kOutput,       // items
  kFor,          // for a in b if c (c may be null), body, otherwise; recursive
  kIf,           // a, body, elifs, otherwise
  kMacro,        // name, params, values: defaults of the last ones; body
  kCallBlock,    // a: the call; params, values, body
  kGeneration,   // params and values empty; body
  kFilterBlock,  // a: the filter chain; body
  kSet,          // a = b
  kSetBlock,     // a = body, through the filter chain b (may be null)
  kWith,         // items = values; body
  kBreak,
  kContinue
};

enum class Op : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kFloorDiv,
  kMod,
  kPow,  // of kBinary
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn  // of kCompare
};

/// Where a variable stands: `hops` activations outwards, then a slot.
struct VariableRef {
  int hops = 0, slot = -1;
};

/// What happens to a variable when its scope is entered.
struct Load {
  enum class How { kParameter, kResolve, kAlias, kUndefined };
  How how = How::kParameter;
  VariableRef target, source;
  std::string name;  // of kResolve: looked up in the context and the globals
};

struct Scope {
  std::vector<Load> loads;
};

/// A macro body, the body of a recursive loop, the test of a loop, or the template: what has variables of its own.
struct Function {
  int slots = 0;
  int depth = 0;
};

struct MacroInfo {
  std::vector<int> param_slots;
  int caller_slot = -1, kwargs_slot = -1, varargs_slot = -1;  // of those that are not among the parameters
  bool uses_caller = false;
};

struct CallArgs {
  std::vector<struct Node*> positional;
  std::vector<std::pair<std::string, struct Node*>> named;
  struct Node* more_positional = nullptr;  // *x
  struct Node* more_named = nullptr;       // **x
};

struct Node {
  NodeType type = NodeType::kConst;
  enum class Context : uint8_t { kLoad, kStore, kParam } context = Context::kLoad;
  Op op = Op::kAdd;
  bool recursive = false;
  int line = 1;
  int height = 1;
  Node *a = nullptr, *b = nullptr, *c = nullptr;
  std::string name, attribute;
  Value value;
  std::vector<Node*> items, values, params, body, otherwise, elifs;
  std::vector<Op> ops;
  CallArgs args;

  // Filled in by the resolver.
  VariableRef ref;
  Builtin builtin = nullptr;
  bool negated_power = false;  // of kBinary **: a constant base gives its sign to the result
  Scope scope, test_scope, otherwise_scope;
  Function* function = nullptr;       // of macros and recursive loops
  Function* test_function = nullptr;  // of a loop with a test
  VariableRef loop_ref;               // slot < 0 when the body does not look at `loop`
  std::shared_ptr<MacroInfo> macro;
};

struct Tree {
  std::deque<Node> nodes;
  std::deque<Function> functions;
  std::vector<Node*> body;
  Scope scope;
  Function* function = nullptr;
};

}  // namespace lf::jinja
