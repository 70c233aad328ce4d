// Runs a tree: one render of a template. Not shared between threads; the tree may be.
#pragma once
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "templates/jinja/ast.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/loop.h"
#include "templates/jinja/value.h"

namespace lf::jinja {

/// The variables of one run of a function (see ast.h).
struct Activation {
  Activation* around = nullptr;
  std::vector<Value> slots;
  bool captured = false;  // a macro, a loop or a walk still refers to it
};

class Evaluator final : public Interp {
 public:
  Evaluator(const Tree& tree, const Value& context, const std::tm& now);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  std::string run();
  /// Line of what was evaluated last, for errors.
  int line() const { return line_; }
  /// Characters of the output that generation blocks made; as in transformers, blocks inside set and filter blocks
  /// count from the end of what was written before.
  const std::vector<std::pair<size_t, size_t>>& generations() const { return generations_; }

  Value call(const Value& callee, const Args& args) override;
  Value make_namespace() override;
  std::string now(const std::string& format) const override;

 private:
  enum class Flow { kNormal, kBreak, kContinue };
  class Capture;
  class Enter;
  class Deeper;
  class Escape;

  // evaluator.cpp: variables, statements
  Value& variable(const VariableRef& ref);
  Value resolve(const std::string& name) const;
  void enter(const Scope& scope);
  void leave(const Scope& scope);
  void emit(const Value& value);
  void emit_text(const Value& value);  // of blocks, which Python does not convert
  Flow run_body(const std::vector<Node*>& body);
  Flow run(const Node& node);
  Flow run_if(const Node& node);
  void run_output(const Node& node);
  Flow run_with(const Node& node);
  void run_call_block(const Node& node);
  void run_generation(const Node& node);
  Flow run_filter_block(const Node& node);
  Flow run_set_block(const Node& node);
  void run_set(const Node& node);
  void check_namespaces(const Node& target);
  void assign(const Node& target, const Value& value);

  // eval_calls.cpp: loops and macros
  Flow run_for(const Node& node);
  Flow run_loop(const Node& node, const Value& iterable, Activation* around, int depth0);
  Value run_recursive(const Node& node, const Value& iterable, Activation* around, int depth0);
  std::shared_ptr<IteratorObject> filtered(const Node& node, const Value& iterable, Activation* around);
  bool passes(const Node& node, const Value& item, Activation* activation);
  Value make_macro(const Node& node);
  Value call_macro(const MacroObject& macro, const Args& args);
  void bind(const Node& node, const Args& args, Activation& activation);
  Activation* activate(const Function& function, Activation* around);
  void retire(Activation* activation);

  // eval_expression.cpp
  Value eval(const Node& node);
  Value eval_simple(const Node& node);
  Value eval_dict(const Node& node);
  std::vector<Value> eval_all(const std::vector<Node*>& nodes);
  Value eval_binary(const Node& node);
  bool compare(Op op, const Value& a, const Value& b);
  Value eval_compare(const Node& node);
  Value eval_concat(const Node& node);
  Value eval_item(const Node& node);
  Value eval_call(const Node& node, const Value* caller = nullptr);
  Value eval_filter(const Node& node, const Value* block = nullptr);
  Value eval_test(const Node& node);
  Args eval_args(const CallArgs& args);

  const Tree& tree_;
  const Value& context_;
  const std::tm& now_;
  std::deque<Activation> activations_;
  std::vector<Activation*> free_;
  std::vector<std::shared_ptr<NamespaceObject>> namespaces_;
  std::vector<std::shared_ptr<LoopObject>> escaped_loops_;
  std::vector<std::pair<size_t, size_t>> generations_;
  Activation* activation_ = nullptr;
  std::string root_output_;
  std::string* output_ = &root_output_;
  size_t counted_bytes_ = 0, counted_characters_ = 0;  // of root_output_, for generations_
  int line_ = 1;
  int frames_ = 0;  // evaluations inside each other
  int calls_ = 0;   // macros and recursive loops inside each other
};

/// Output goes into a text of its own as long as this lives.
class Evaluator::Capture {
 public:
  explicit Capture(Evaluator& evaluator) : evaluator_(evaluator), outer_(std::exchange(evaluator.output_, &text_)) {}
  ~Capture() { evaluator_.output_ = outer_; }
  /// Ends the capture.
  Value take() {
    evaluator_.output_ = outer_;
    return Value::text(std::move(text_));
  }

 private:
  Evaluator& evaluator_;
  std::string text_;
  std::string* outer_;
};

/// Runs with the variables of another activation.
class Evaluator::Enter {
 public:
  Enter(Evaluator& evaluator, Activation* activation)
      : evaluator_(evaluator), outer_(std::exchange(evaluator.activation_, activation)) {}
  ~Enter() { evaluator_.activation_ = outer_; }

 private:
  Evaluator& evaluator_;
  Activation* outer_;
};

/// Keeps a loop that something still holds at its end: it may hold itself, and is emptied at the end of the render.
class Evaluator::Escape {
 public:
  Escape(Evaluator& evaluator, const std::shared_ptr<LoopObject>& loop) : evaluator_(evaluator), loop_(loop) {}
  ~Escape() {
    if (loop_ && loop_.use_count() > 1) evaluator_.escaped_loops_.push_back(loop_);
  }

 private:
  Evaluator& evaluator_;
  const std::shared_ptr<LoopObject>& loop_;
};

/// One evaluation inside another; kData when there are too many.
class Evaluator::Deeper {
 public:
  Deeper(int& counter, int limit, const char* what);
  ~Deeper() { --counter_; }

 private:
  int& counter_;
};

}  // namespace lf::jinja
