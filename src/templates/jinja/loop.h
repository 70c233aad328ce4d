// The `loop` variable, cyclers, joiners and macros as values.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "templates/jinja/interp.h"

namespace lf::jinja {

struct Node;
struct Activation;

struct LoopObject : Object {
  /// Walks `iterable`, or what `filtered` lets through.
  LoopObject(const Value& iterable, std::shared_ptr<IteratorObject> filtered, int depth0);
  bool next(Value& out);
  bool peek();  // whether there is another item

  Value sized;  // the iterable when it has a length, else missing
  std::shared_ptr<IteratorObject> walk;
  int64_t index0 = -1, length = -1;
  int depth0;
  Value after, current, before, last_changed;  // missing when there is none
  // A recursive loop: what to run for loop(items), and the variables around it.
  const Node* recursive = nullptr;
  Activation* around = nullptr;
};

int64_t loop_length(LoopObject& loop);
std::string loop_text(LoopObject& loop);
/// loop.index ... as a value; missing when there is no such attribute.
Value loop_attribute(const Value& loop, std::string_view name);

struct CyclerObject : Object {
  std::vector<Value> items;
  size_t position = 0;
};

struct JoinerObject : Object {
  Value separator;
  bool used = false;
};

struct MacroObject : Object {
  const Node* node = nullptr;    // macro, call block or generation
  Activation* around = nullptr;  // alive until the end of the render
};

/// 'name' or anonymous, quoted as in repr.
std::string macro_name(const Value& macro);
Value macro_attribute(const Value& macro, std::string_view name);

}  // namespace lf::jinja
