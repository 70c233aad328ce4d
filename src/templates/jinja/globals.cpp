// Global functions.
#include "base/error.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/loop.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/repr.h"

namespace lf::jinja {
namespace {

int64_t int_at(const std::vector<Value>& given, size_t i) {
  LF_CHECK(kData, given[i].is_integral(), "'{}' object cannot be interpreted as an integer", type_name(given[i]));
  return given[i].as_int();
}

Value range(Interp&, const Value&, const Args& args) {
  const auto& given = positional_only("range", args, 1, 3);
  const int64_t start = given.size() > 1 ? int_at(given, 0) : 0, stop = int_at(given, given.size() > 1 ? 1 : 0);
  const int64_t step = given.size() > 2 ? int_at(given, 2) : 1;
  LF_CHECK(kData, step != 0, "range() arg 3 must not be zero");
  return Value::object(Kind::kRange, std::make_shared<RangeObject>(start, stop, step));
}

/// What dict(...) makes of its arguments.
std::shared_ptr<DictObject> dict_of(const char* function, const Args& args) {
  LF_CHECK(kData, args.positional.size() <= 1, "{} expected at most 1 argument, got {}", function,
           args.positional.size());
  auto dict = std::make_shared<DictObject>();
  if (!args.positional.empty()) {
    const Value& from = args.positional[0];
    if (from.is(Kind::kDict)) {
      charge_items(from.as_dict().items.size());
      for (const auto& [key, value] : from.as_dict().items) dict->set(key, value);
    } else if (from.is_undefined()) {
      throw_error(ErrorKind::kData, "{}", from.as<UndefinedObject>().hint);
    } else {
      for (const Value& pair : to_vector(from)) {
        const std::vector<Value> both = to_vector(pair);
        LF_CHECK(kData, both.size() == 2, "dictionary update sequence element has length {}; 2 is required",
                 both.size());
        dict->set(both[0], both[1]);
      }
    }
  }
  for (const auto& [name, value] : args.named) dict->set(Value::text(name), value);
  return dict;
}

Value dict(Interp&, const Value&, const Args& args) { return make_dict(dict_of("dict", args)); }

Value make_namespace(Interp& interp, const Value&, const Args& args) {
  Value space = interp.make_namespace();
  const auto members = dict_of("namespace", args);
  for (const auto& [key, value] : members->items) {
    LF_CHECK(kData, key.is_string(), "the names of a namespace must be strings");
    space.as<NamespaceObject>().set(key.as_text(), value);
  }
  return space;
}

Value cycler(Interp&, const Value&, const Args& args) {
  auto object = std::make_shared<CyclerObject>();
  object->items = positional_only("cycler", args, 0, SIZE_MAX);
  LF_CHECK(kData, !object->items.empty(), "at least one item has to be provided");
  object->depth = ListObject(object->items).depth;
  return Value::object(Kind::kCycler, std::move(object));
}

Value joiner(Interp&, const Value&, const Args& args) {
  const Params params("joiner", args, {"sep"});
  auto object = std::make_shared<JoinerObject>();
  object->separator = params.has(0) ? params[0] : Value::text(", ");
  object->depth = object->separator.depth() + 1;
  return Value::object(Kind::kJoiner, std::move(object));
}

Value raise_exception(Interp&, const Value&, const Args& args) {
  const Params params("raise_exception", args, {"message"}, 1);
  throw_error(ErrorKind::kData, "{}", to_text(params[0]));
}

Value strftime_now(Interp& interp, const Value&, const Args& args) {
  const Params params("strftime_now", args, {"format"}, 1);
  return Value::text(interp.now(params.text(0)));
}

Value lipsum(Interp&, const Value&, const Args&) {
  throw_error(ErrorKind::kUnsupported, "lipsum() is not supported in chat templates");
}

struct Global {
  std::string_view name;
  const char* text;
  Builtin run;
};

constexpr Global kGlobals[] = {{"range", "<function safe_range>", range},
                               {"dict", "<class 'dict'>", dict},
                               {"namespace", "<class 'jinja2.utils.Namespace'>", make_namespace},
                               {"cycler", "<class 'jinja2.utils.Cycler'>", cycler},
                               {"joiner", "<class 'jinja2.utils.Joiner'>", joiner},
                               {"raise_exception", "<function raise_exception>", raise_exception},
                               {"strftime_now", "<function strftime_now>", strftime_now},
                               {"lipsum", "<function generate_lorem_ipsum>", lipsum}};

}  // namespace

Value find_global(std::string_view name) {
  for (const Global& global : kGlobals) {
    if (global.name == name)
      return Value::object(Kind::kCallable, std::make_shared<CallableObject>(global.text, global.run, Value::none()));
  }
  return {};
}

}  // namespace lf::jinja
