// Loops and macros.
#include <algorithm>

#include "base/error.h"
#include "templates/jinja/evaluator.h"
#include "templates/jinja/repr.h"

namespace lf::jinja {

Activation* Evaluator::activate(const Function& function, Activation* around) {
  Activation* activation = nullptr;
  if (free_.empty()) {
    activation = &activations_.emplace_back();
  } else {
    activation = free_.back();
    free_.pop_back();
  }
  activation->around = around;
  activation->captured = false;
  activation->slots.assign(function.slots, Value());
  return activation;
}

void Evaluator::retire(Activation* activation) {
  if (activation->captured) return;
  activation->slots.clear();
  free_.push_back(activation);
}

Evaluator::Flow Evaluator::run_for(const Node& node) {
  const Value iterable = eval(*node.b);
  line_ = node.line;
  if (!node.recursive) return run_loop(node, iterable, activation_, 0);
  emit(run_recursive(node, iterable, activation_, 0));
  return Flow::kNormal;
}

Value Evaluator::run_recursive(const Node& node, const Value& iterable, Activation* around, int depth0) {
  const Deeper deeper(calls_, current_limits().depth, "macros and recursive loops");
  around->captured = true;
  Activation* const own = activate(*node.function, around);
  Capture capture(*this);
  {
    const Enter enter_own(*this, own);
    run_loop(node, iterable, around, depth0);
  }
  retire(own);
  return capture.take();
}

Evaluator::Flow Evaluator::run_loop(const Node& node, const Value& iterable, Activation* around, int depth0) {
  std::shared_ptr<IteratorObject> walk = node.c ? filtered(node, iterable, around) : nullptr;
  std::shared_ptr<LoopObject> loop;
  if (node.loop_ref.slot >= 0) {
    loop = std::make_shared<LoopObject>(iterable, std::move(walk), depth0);
    if (node.c) loop->sized = Value();
    if (node.recursive) loop->recursive = &node;
    loop->around = around;
  } else if (!walk) {
    walk = iterate(iterable);
  }
  const Escape escape(*this, loop);
  bool completed = false;  // Python runs the else branch after a loop whose bodies all ended in continue, too
  Flow flow = Flow::kNormal;
  Value item;
  while (loop ? loop->next(item) : walk->next(item)) {
    charge();
    if (loop) variable(node.loop_ref) = Value::object(Kind::kLoop, loop);
    assign(*node.a, item);
    enter(node.scope);
    flow = run_body(node.body);
    if (flow == Flow::kBreak) break;
    completed |= flow == Flow::kNormal;
    line_ = node.line;
  }
  leave(node.scope);
  if (completed || node.otherwise.empty()) return Flow::kNormal;
  enter(node.otherwise_scope);
  flow = run_body(node.otherwise);
  leave(node.otherwise_scope);
  return flow;
}

std::shared_ptr<IteratorObject> Evaluator::filtered(const Node& node, const Value& iterable, Activation* around) {
  around->captured = true;
  Activation* const own = activate(*node.test_function, around);
  own->captured = true;
  return std::make_shared<IteratorObject>(
      iterable.depth() + 1, [this, &node, own, walk = iterate(iterable), started = false](Value& out) mutable {
        if (!std::exchange(started, true)) {
          const Enter enter_own(*this, own);
          enter(node.test_scope);
        }
        while (walk->next(out)) {
          charge();
          if (passes(node, out, own)) return true;
        }
        return false;
      });
}

bool Evaluator::passes(const Node& node, const Value& item, Activation* activation) {
  const Enter enter_own(*this, activation);
  assign(*node.values[0], item);
  return truth(eval(*node.c));
}

Value Evaluator::make_macro(const Node& node) {
  auto macro = std::make_shared<MacroObject>();
  macro->node = &node;
  macro->around = activation_;
  // Everything outwards stays as well: the macro reaches it through `around`.
  for (Activation* a = activation_; a && !a->captured; a = a->around) a->captured = true;
  return Value::object(Kind::kMacro, std::move(macro));
}

/// Fills the slots of the parameters, as Macro.__call__ of jinja2.
void Evaluator::bind(const Node& node, const Args& args, Activation& activation) {
  const MacroInfo& info = *node.macro;
  const size_t count = node.params.size(), given = std::min(args.positional.size(), count);
  auto named = args.named;
  const auto take = [&](const std::string& name) {
    const auto it = std::find_if(named.begin(), named.end(), [&](const auto& entry) { return entry.first == name; });
    if (it == named.end()) return Value();
    Value value = it->second;
    named.erase(it);
    return value;
  };
  bool found_caller = false;
  for (size_t i = 0; i < count; ++i) {
    const std::string& name = node.params[i]->name;
    activation.slots[info.param_slots[i]] = i < given ? args.positional[i] : take(name);
    found_caller |= name == "caller";
  }
  if (info.uses_caller && !found_caller) {
    const Value caller = take("caller");
    const bool none = caller.is_missing() || caller.is_none();
    activation.slots[info.caller_slot] = none ? Value::undefined("No caller defined") : caller;
  }
  if (info.kwargs_slot >= 0) {
    auto dict = std::make_shared<DictObject>();
    for (const auto& [name, value] : named) dict->set(Value::text(name), value);
    activation.slots[info.kwargs_slot] = make_dict(std::move(dict));
  } else if (!named.empty()) {
    throw_error(ErrorKind::kData, "macro {} takes no keyword argument {}", repr(node.name), repr(named[0].first));
  }
  if (info.varargs_slot >= 0) {
    activation.slots[info.varargs_slot] = Value::tuple({args.positional.begin() + given, args.positional.end()});
  } else {
    LF_CHECK(kData, args.positional.size() <= count, "macro {} takes not more than {} argument(s)", repr(node.name),
             count);
  }
}

Value Evaluator::call_macro(const MacroObject& macro, const Args& args) {
  const Deeper deeper(calls_, current_limits().depth, "macros and recursive loops");
  const Node& node = *macro.node;
  Activation* const own = activate(*node.function, macro.around);
  bind(node, args, *own);
  const Enter enter_own(*this, own);
  Capture capture(*this);
  enter(node.scope);
  const size_t required = node.params.size() - node.values.size();
  for (size_t i = 0; i < node.params.size(); ++i) {
    const int slot = node.macro->param_slots[i];
    if (!own->slots[slot].is_missing()) continue;
    own->slots[slot] = i < required ? Value::undefined("parameter '" + node.params[i]->name + "' was not provided")
                                    : eval(*node.values[i - required]);
  }
  run_body(node.body);
  Value text = capture.take();
  retire(own);
  return text;
}

namespace {

Value single_argument(const Args& args) { return Params("loop", args, {"iterable"}, 1)[0]; }

}  // namespace

Value Evaluator::call(const Value& callee, const Args& args) {
  switch (callee.kind()) {
    case Kind::kCallable: {
      const auto held = callee.pointer();
      const CallableObject& callable = static_cast<const CallableObject&>(*held);
      return callable.run(*this, callable.self, args);
    }
    case Kind::kMacro:
      return call_macro(callee.as<MacroObject>(), args);
    case Kind::kLoop: {
      const LoopObject& loop = callee.as<LoopObject>();
      LF_CHECK(kData, loop.recursive, "The loop must have the 'recursive' marker to be called recursively.");
      return run_recursive(*loop.recursive, single_argument(args), loop.around, loop.depth0 + 1);
    }
    case Kind::kJoiner: {
      positional_only("joiner", args, 0, 0);
      JoinerObject& joiner = callee.as<JoinerObject>();
      return std::exchange(joiner.used, true) ? joiner.separator : Value::text("");
    }
    case Kind::kUndefined:
      throw_error(ErrorKind::kData, "{}", callee.as<UndefinedObject>().hint);
    default:
      throw_error(ErrorKind::kData, "'{}' object is not callable", type_name(callee));
  }
}

}  // namespace lf::jinja
