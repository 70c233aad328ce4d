#include "templates/jinja/evaluator.h"

#include "base/error.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {

Evaluator::Deeper::Deeper(int& counter, int limit, const char* what) : counter_(counter) {
  if (++counter_ <= limit) return;
  --counter_;
  throw_error(ErrorKind::kData, "{} are nested deeper than {} levels", what, limit);
}

Evaluator::Evaluator(const Tree& tree, const Value& context, const std::tm& now)
    : tree_(tree), context_(context), now_(now) {}

Evaluator::~Evaluator() {
  for (const auto& space : namespaces_) space->members.clear();
  for (const auto& loop : escaped_loops_) {
    for (Value* value : {&loop->after, &loop->current, &loop->before, &loop->last_changed, &loop->sized})
      *value = Value();
    loop->walk.reset();
  }
}

std::string Evaluator::run() {
  activation_ = activate(*tree_.function, nullptr);
  enter(tree_.scope);
  run_body(tree_.body);
  return std::move(root_output_);
}

Value Evaluator::make_namespace() {
  namespaces_.push_back(std::make_shared<NamespaceObject>());
  return Value::object(Kind::kNamespace, namespaces_.back());
}

Value& Evaluator::variable(const VariableRef& ref) {
  Activation* activation = activation_;
  for (int i = 0; i < ref.hops; ++i) activation = activation->around;
  return activation->slots[ref.slot];
}

Value Evaluator::resolve(const std::string& name) const {
  if (const Value* found = context_.as_dict().find(std::string_view(name))) return *found;
  return find_global(name);
}

void Evaluator::enter(const Scope& scope) {
  for (const Load& load : scope.loads) {
    switch (load.how) {
      case Load::How::kParameter:
        break;
      case Load::How::kResolve:
        variable(load.target) = resolve(load.name);
        break;
      case Load::How::kAlias:
        variable(load.target) = Value(variable(load.source));
        break;
      case Load::How::kUndefined:
        variable(load.target) = Value();
        break;
    }
  }
}

void Evaluator::leave(const Scope& scope) {
  for (const Load& load : scope.loads) variable(load.target) = Value();
}

void Evaluator::emit(const Value& value) {
  if (value.is_string())
    output_->append(value.as_text());
  else
    output_->append(to_text(value));
  LF_CHECK(kData, output_->size() <= current_limits().output_bytes, "the template writes more than {} bytes",
           current_limits().output_bytes);
}

void Evaluator::emit_text(const Value& value) {
  LF_CHECK(kData, value.is_string(), "a call or filter block must give a str, not {}", type_name(value));
  emit(value);
}

Evaluator::Flow Evaluator::run_body(const std::vector<Node*>& body) {
  for (const Node* node : body) {
    const Flow flow = run(*node);
    if (flow != Flow::kNormal) return flow;
  }
  return Flow::kNormal;
}

Evaluator::Flow Evaluator::run(const Node& node) {
  const Deeper deeper(frames_, Limits::kFrames, "evaluations");
  charge();
  line_ = node.line;
  switch (node.type) {
    case NodeType::kOutput:
      run_output(node);
      return Flow::kNormal;
    case NodeType::kFor:
      return run_for(node);
    case NodeType::kIf:
      return run_if(node);
    case NodeType::kMacro:
      variable(node.ref) = make_macro(node);
      return Flow::kNormal;
    case NodeType::kCallBlock:
      run_call_block(node);
      return Flow::kNormal;
    case NodeType::kGeneration:
      run_generation(node);
      return Flow::kNormal;
    case NodeType::kFilterBlock:
      return run_filter_block(node);
    case NodeType::kSet:
      run_set(node);
      return Flow::kNormal;
    case NodeType::kSetBlock:
      return run_set_block(node);
    case NodeType::kWith:
      return run_with(node);
    case NodeType::kBreak:
      return Flow::kBreak;
    case NodeType::kContinue:
      return Flow::kContinue;
    default:
      LF_ASSERT(false);
  }
}

void Evaluator::run_output(const Node& node) {
  for (const Node* item : node.items) {
    if (item->type == NodeType::kTemplateData)
      emit(item->value);
    else
      emit(eval(*item));
  }
}

Evaluator::Flow Evaluator::run_if(const Node& node) {
  if (truth(eval(*node.a))) return run_body(node.body);
  for (const Node* branch : node.elifs) {
    line_ = branch->line;
    if (truth(eval(*branch->a))) return run_body(branch->body);
  }
  return run_body(node.otherwise);
}

Evaluator::Flow Evaluator::run_with(const Node& node) {
  enter(node.scope);
  for (size_t i = 0; i < node.items.size(); ++i) assign(*node.items[i], eval(*node.values[i]));
  const Flow flow = run_body(node.body);
  leave(node.scope);
  return flow;
}

void Evaluator::run_call_block(const Node& node) {
  const Value caller = make_macro(node);
  emit_text(eval_call(*node.a, &caller));
}

void Evaluator::run_generation(const Node& node) {
  const Value macro = make_macro(node);
  const Value text = call_macro(macro.as<MacroObject>(), {});
  counted_characters_ += count_code_points(std::string_view(root_output_).substr(counted_bytes_));
  counted_bytes_ = root_output_.size();
  generations_.emplace_back(counted_characters_, counted_characters_ + text.as_string().length);
  emit(text);
}

Evaluator::Flow Evaluator::run_filter_block(const Node& node) {
  enter(node.scope);
  Capture capture(*this);
  const Flow flow = run_body(node.body);
  if (flow != Flow::kNormal) return flow;
  const Value text = capture.take();
  emit_text(eval_filter(*node.a, &text));
  leave(node.scope);
  return Flow::kNormal;
}

Evaluator::Flow Evaluator::run_set_block(const Node& node) {
  enter(node.scope);
  Capture capture(*this);
  const Flow flow = run_body(node.body);
  if (flow != Flow::kNormal) return flow;
  Value text = capture.take();
  assign(*node.a, node.b ? eval_filter(*node.b, &text) : text);
  leave(node.scope);
  return Flow::kNormal;
}

void Evaluator::check_namespaces(const Node& target) {
  if (target.type == NodeType::kNamespaceRef) {
    LF_CHECK(kData, variable(target.ref).is(Kind::kNamespace), "cannot assign attribute on non-namespace object");
  }
  for (const Node* item : target.items) check_namespaces(*item);
}

void Evaluator::run_set(const Node& node) {
  check_namespaces(*node.a);
  const Value value = eval(*node.b);
  line_ = node.line;
  assign(*node.a, value);
}

void Evaluator::assign(const Node& target, const Value& value) {
  if (target.type == NodeType::kName) {
    variable(target.ref) = value;
    return;
  }
  if (target.type == NodeType::kNamespaceRef) {
    const Value owner = variable(target.ref);
    LF_CHECK(kData, owner.is(Kind::kNamespace), "cannot assign attribute on non-namespace object");
    owner.as<NamespaceObject>().set(target.attribute, value);
    return;
  }
  LF_CHECK(kData, is_iterable(value), "cannot unpack non-iterable {} object", type_name(value));
  const std::vector<Value> parts = to_vector(value);
  LF_CHECK(kData, parts.size() == target.items.size(), "{} values to unpack, but {} were expected", parts.size(),
           target.items.size());
  for (size_t i = 0; i < parts.size(); ++i) assign(*target.items[i], parts[i]);
}

}  // namespace lf::jinja
