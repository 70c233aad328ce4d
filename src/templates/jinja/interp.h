// What built-in functions, filters, tests and methods are, and what they may ask of the running template.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "templates/jinja/value.h"

namespace lf::jinja {

struct Args {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

class Interp {
 public:
  virtual Value call(const Value& callee, const Args& args) = 0;
  /// A namespace may contain itself; it is emptied at the end of the render.
  virtual Value make_namespace() = 0;
  /// strftime of the time that the caller of render() gave.
  virtual std::string now(const std::string& format) const = 0;

 protected:
  ~Interp() = default;
};

/// `self` is the input of a filter or test, the owner of a method, none for a global function.
using Builtin = Value (*)(Interp& interp, const Value& self, const Args& args);

struct NamedBuiltin {
  std::string_view name;
  Builtin run;
};

struct CallableObject : Object {
  CallableObject(std::string text, Builtin run, Value self)
      : Object(self.depth() + 1), text(std::move(text)), run(run), self(std::move(self)) {}
  std::string text;  // what printing gives
  Builtin run;
  Value self;
};

/// Null when there is no such filter or test. `error` names the reason of those that are left out on purpose.
Builtin find_filter(std::string_view name);
Builtin find_test(std::string_view name);
/// range, dict, namespace, cycler, joiner, raise_exception, strftime_now; missing otherwise.
Value find_global(std::string_view name);
/// Method of str, list, dict ... ; null when there is none. `known` also covers names that exist but are refused.
Builtin find_method(const Value& self, std::string_view name);

/// Arguments of a built-in by position or name.
class Params {
 public:
  /// kData: too many arguments, unknown names, one given twice, fewer than `required`.
  Params(std::string_view function, const Args& args, std::initializer_list<std::string_view> names,
         size_t required = 0);

  bool has(size_t i) const { return !values_[i].is_missing(); }
  const Value& operator[](size_t i) const { return values_[i]; }
  /// Given and not None.
  bool given(size_t i) const { return has(i) && !values_[i].is_none(); }
  bool flag(size_t i, bool otherwise) const;
  /// A flag that Python reads as a C int: kData for other types.
  bool int_flag(size_t i, bool otherwise) const;
  /// kData unless it is an int (or bool).
  int64_t integer(size_t i, int64_t otherwise) const;
  int64_t integer(size_t i) const;
  /// kData unless it is a str.
  const std::string& text(size_t i) const;
  std::string text(size_t i, std::string otherwise) const;

 private:
  std::string_view function_;
  std::vector<std::string_view> names_;
  std::vector<Value> values_;
};

/// For functions that take arguments by position only.
const std::vector<Value>& positional_only(std::string_view function, const Args& args, size_t least, size_t most);

}  // namespace lf::jinja
