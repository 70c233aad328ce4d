#include "templates/jinja/loop.h"

#include "base/error.h"
#include "templates/jinja/ast.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/repr.h"

namespace lf::jinja {

LoopObject::LoopObject(const Value& iterable, std::shared_ptr<IteratorObject> filtered, int depth0)
    : walk(filtered ? std::move(filtered) : iterate(iterable)), depth0(depth0) {
  if (has_length(iterable)) sized = iterable;
}

bool LoopObject::next(Value& out) {
  if (!after.is_missing()) {
    out = std::exchange(after, Value());
  } else if (!walk->next(out)) {
    return false;
  }
  ++index0;
  before = std::exchange(current, out);
  return true;
}

bool LoopObject::peek() {
  if (!after.is_missing()) return true;
  Value item;
  if (!walk->next(item)) return false;
  after = item;
  return true;
}

int64_t loop_length(LoopObject& loop) {
  if (loop.length >= 0) return loop.length;
  if (!loop.sized.is_missing()) return loop.length = length_of(loop.sized);
  std::vector<Value> rest;
  Value item;
  while (loop.walk->next(item)) {
    charge();
    rest.push_back(item);
  }
  loop.length = static_cast<int64_t>(rest.size()) + loop.index0 + 1 + !loop.after.is_missing();
  loop.walk = iterate(Value::list(std::move(rest)));
  return loop.length;
}

std::string loop_text(LoopObject& loop) {
  return fmt::format("<LoopContext {}/{}>", loop.index0 + 1, loop_length(loop));
}

namespace {

Value cycle(Interp&, const Value& self, const Args& args) {
  const auto& items = positional_only("cycle", args, 0, SIZE_MAX);
  LF_CHECK(kData, !items.empty(), "no items for cycling given");
  return items[static_cast<size_t>(self.as<LoopObject>().index0) % items.size()];
}

Value changed(Interp&, const Value& self, const Args& args) {
  LoopObject& loop = self.as<LoopObject>();
  const Value now = Value::tuple(positional_only("changed", args, 0, SIZE_MAX));
  const bool same = !loop.last_changed.is_missing() && equals(loop.last_changed, now);
  loop.last_changed = now;
  return Value::boolean(!same);
}

Value method(const Value& loop, const char* name, Builtin run) {
  return Value::object(Kind::kCallable,
                       std::make_shared<CallableObject>(fmt::format("<bound method LoopContext.{}>", name), run, loop));
}

}  // namespace

Value loop_attribute(const Value& value, std::string_view name) {
  LoopObject& loop = value.as<LoopObject>();
  if (name == "index") return Value::integer(loop.index0 + 1);
  if (name == "index0") return Value::integer(loop.index0);
  if (name == "first") return Value::boolean(loop.index0 == 0);
  if (name == "last") return Value::boolean(!loop.peek());
  if (name == "length") return Value::integer(loop_length(loop));
  if (name == "revindex") return Value::integer(loop_length(loop) - loop.index0);
  if (name == "revindex0") return Value::integer(loop_length(loop) - loop.index0 - 1);
  if (name == "depth") return Value::integer(loop.depth0 + 1);
  if (name == "depth0") return Value::integer(loop.depth0);
  if (name == "previtem") return loop.index0 == 0 ? Value::undefined("there is no previous item") : loop.before;
  if (name == "nextitem") return loop.peek() ? loop.after : Value::undefined("there is no next item");
  if (name == "cycle") return method(value, "cycle", cycle);
  if (name == "changed") return method(value, "changed", changed);
  return {};
}

std::string macro_name(const Value& macro) {
  const Node& node = *macro.as<MacroObject>().node;
  return node.type == NodeType::kMacro ? repr(node.name) : "anonymous";
}

Value macro_attribute(const Value& macro, std::string_view name) {
  const Node& node = *macro.as<MacroObject>().node;
  if (name == "name") return node.type == NodeType::kMacro ? Value::text(node.name) : Value::none();
  if (name == "catch_kwargs") return Value::boolean(node.macro->kwargs_slot >= 0);
  if (name == "catch_varargs") return Value::boolean(node.macro->varargs_slot >= 0);
  if (name == "caller") return Value::boolean(node.macro->uses_caller);
  if (name != "arguments" && name != "explicit_caller") return {};
  std::vector<Value> names;
  bool caller = false;
  for (const Node* param : node.params) {
    names.push_back(Value::text(param->name));
    caller |= param->name == "caller";
  }
  return name == "arguments" ? Value::tuple(std::move(names)) : Value::boolean(caller);
}

}  // namespace lf::jinja
