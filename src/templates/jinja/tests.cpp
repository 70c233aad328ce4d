// Tests: what stands behind `is`.
#include "base/error.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/methods.h"
#include "templates/jinja/operators.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/text.h"

namespace lf::jinja {
namespace {

template <bool (*test)(const Value&)>
Value simple(Interp&, const Value& self, const Args& args) {
  positional_only("test", args, 0, 0);
  return Value::boolean(test(self));
}

bool defined(const Value& value) { return !value.is_undefined(); }
bool undefined(const Value& value) { return value.is_undefined(); }
bool none(const Value& value) { return value.is_none(); }
bool boolean(const Value& value) { return value.is(Kind::kBool); }
bool is_true(const Value& value) { return value.is(Kind::kBool) && value.as_bool(); }
bool is_false(const Value& value) { return value.is(Kind::kBool) && !value.as_bool(); }
bool integer(const Value& value) { return value.is(Kind::kInt); }
bool floating(const Value& value) { return value.is(Kind::kFloat); }
bool number(const Value& value) { return value.is_number(); }
bool string(const Value& value) { return value.is_string(); }
bool mapping(const Value& value) { return value.is(Kind::kDict); }
bool escaped_text(const Value& value) { return value.is_markup(); }
bool lower(const Value& value) { return is_lower_text(to_text(value)); }
bool upper(const Value& value) { return is_upper_text(to_text(value)); }

bool sequence(const Value& value) {
  return has_length(value) && !value.is(Kind::kView) && !value.is(Kind::kSet) && !value.is(Kind::kLoop);
}
bool iterable(const Value& value) { return is_iterable(value); }

bool callable(const Value& value) {
  return value.is(Kind::kCallable) || value.is(Kind::kMacro) || value.is(Kind::kLoop) || value.is(Kind::kJoiner) ||
         value.is_undefined();
}

bool remainder_is(const Value& value, const Value& divisor, int64_t rest) {
  return equals(binary_operation(Op::kMod, value, divisor), Value::integer(rest));
}
bool odd(const Value& value) { return remainder_is(value, Value::integer(2), 1); }
bool even(const Value& value) { return remainder_is(value, Value::integer(2), 0); }

Value divisibleby(Interp&, const Value& self, const Args& args) {
  const Params params("divisibleby", args, {"num"}, 1);
  return Value::boolean(remainder_is(self, params[0], 0));
}

Value filter(Interp&, const Value& self, const Args& args) {
  positional_only("filter", args, 0, 0);
  hash_of(self);
  return Value::boolean(self.is_string() && find_filter(self.as_text()));
}

Value test(Interp&, const Value& self, const Args& args) {
  positional_only("test", args, 0, 0);
  hash_of(self);
  return Value::boolean(self.is_string() && find_test(self.as_text()));
}

Value sameas(Interp&, const Value& self, const Args& args) {
  const Params params("sameas", args, {"other"}, 1);
  return Value::boolean(same_object(self, params[0]));
}

Value in(Interp&, const Value& self, const Args& args) {
  const Params params("in", args, {"seq"}, 1);
  return Value::boolean(contains(params[0], self));
}

const Value& operand(const Args& args) { return positional_only("comparison", args, 1, 1)[0]; }

Value equal(Interp&, const Value& self, const Args& args) { return Value::boolean(equals(self, operand(args))); }
Value not_equal(Interp&, const Value& self, const Args& args) { return Value::boolean(!equals(self, operand(args))); }

template <Order order>
Value compared(Interp&, const Value& self, const Args& args) {
  return Value::boolean(ordered(order, self, operand(args)));
}

constexpr NamedBuiltin kTests[] = {{"defined", simple<defined>},
                                   {"undefined", simple<undefined>},
                                   {"none", simple<none>},
                                   {"boolean", simple<boolean>},
                                   {"true", simple<is_true>},
                                   {"false", simple<is_false>},
                                   {"integer", simple<integer>},
                                   {"float", simple<floating>},
                                   {"number", simple<number>},
                                   {"string", simple<string>},
                                   {"mapping", simple<mapping>},
                                   {"escaped", simple<escaped_text>},
                                   {"lower", simple<lower>},
                                   {"upper", simple<upper>},
                                   {"sequence", simple<sequence>},
                                   {"iterable", simple<iterable>},
                                   {"callable", simple<callable>},
                                   {"odd", simple<odd>},
                                   {"even", simple<even>},
                                   {"divisibleby", divisibleby},
                                   {"filter", filter},
                                   {"test", test},
                                   {"sameas", sameas},
                                   {"in", in},
                                   {"==", equal},
                                   {"eq", equal},
                                   {"equalto", equal},
                                   {"!=", not_equal},
                                   {"ne", not_equal},
                                   {">", compared<Order::kGreater>},
                                   {"gt", compared<Order::kGreater>},
                                   {"greaterthan", compared<Order::kGreater>},
                                   {">=", compared<Order::kGreaterEqual>},
                                   {"ge", compared<Order::kGreaterEqual>},
                                   {"<", compared<Order::kLess>},
                                   {"lt", compared<Order::kLess>},
                                   {"lessthan", compared<Order::kLess>},
                                   {"<=", compared<Order::kLessEqual>},
                                   {"le", compared<Order::kLessEqual>}};

}  // namespace

Builtin find_test(std::string_view name) { return find_builtin(kTests, name); }

}  // namespace lf::jinja
