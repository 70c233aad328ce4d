#include "templates/jinja/operators.h"

#include <cmath>

#include "base/error.h"
#include "base/strings.h"
#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/repr.h"
#include "templates/jinja/set.h"

namespace lf::jinja {
namespace {

constexpr const char* kSigns[] = {"+", "-", "*", "/", "//", "%", "**"};

[[noreturn]] void no_operation(Op op, const Value& a, const Value& b) {
  for (const Value* value : {&a, &b}) {
    if (value->is_undefined()) throw_error(ErrorKind::kData, "{}", value->as<UndefinedObject>().hint);
  }
  throw_error(ErrorKind::kData, "unsupported operand type(s) for {}: '{}' and '{}'", kSigns[static_cast<int>(op)],
              type_name(a), type_name(b));
}

[[noreturn]] void too_large() { throw_error(ErrorKind::kData, "integers beyond 64 bits are not supported"); }
[[noreturn]] void by_zero() { throw_error(ErrorKind::kData, "division by zero"); }

int64_t power_of(int64_t base, int64_t exponent) {
  int64_t result = 1;
  while (exponent > 0) {
    if (exponent & 1 && __builtin_mul_overflow(result, base, &result)) too_large();
    exponent >>= 1;
    if (exponent && __builtin_mul_overflow(base, base, &base)) too_large();
  }
  return result;
}

double float_floor_mod(double a, double b, double& quotient) {
  double mod = std::fmod(a, b);
  double div = (a - mod) / b;
  if (mod != 0) {
    if ((b < 0) != (mod < 0)) {
      mod += b;
      div -= 1;
    }
  } else {
    mod = std::copysign(0.0, b);
  }
  quotient = div == 0 ? std::copysign(0.0, a / b) : std::floor(div);
  if (div != 0 && div - quotient > 0.5) quotient += 1;
  return mod;
}

Value float_operation(Op op, double a, double b) {
  double quotient = 0;
  switch (op) {
    case Op::kAdd:
      return Value::real(a + b);
    case Op::kSub:
      return Value::real(a - b);
    case Op::kMul:
      return Value::real(a * b);
    case Op::kDiv:
      if (b == 0) by_zero();
      return Value::real(a / b);
    case Op::kFloorDiv:
      if (b == 0) by_zero();
      float_floor_mod(a, b, quotient);
      return Value::real(quotient);
    case Op::kMod:
      if (b == 0) by_zero();
      return Value::real(float_floor_mod(a, b, quotient));
    default: {
      if (a == 0 && b < 0) throw_error(ErrorKind::kData, "0.0 cannot be raised to a negative power");
      const double result = std::pow(a, b);
      LF_CHECK(kData, !(std::isnan(result) && !std::isnan(a) && !std::isnan(b)), "complex numbers are not supported");
      LF_CHECK(kData, !(std::isinf(result) && std::isfinite(a) && std::isfinite(b)), "Numerical result out of range");
      return Value::real(result);
    }
  }
}

Value int_operation(Op op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case Op::kAdd:
      if (__builtin_add_overflow(a, b, &result)) too_large();
      return Value::integer(result);
    case Op::kSub:
      if (__builtin_sub_overflow(a, b, &result)) too_large();
      return Value::integer(result);
    case Op::kMul:
      if (__builtin_mul_overflow(a, b, &result)) too_large();
      return Value::integer(result);
    case Op::kDiv:
      if (b == 0) by_zero();
      return Value::real(static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b)));
    case Op::kFloorDiv:
    case Op::kMod: {
      if (b == 0) by_zero();
      if (b == -1) return op == Op::kMod ? Value::integer(0) : negated(Value::integer(a));
      const int64_t mod = a % b, floored = mod != 0 && (mod < 0) != (b < 0) ? mod + b : mod;
      return Value::integer(op == Op::kMod ? floored : (a - floored) / b);
    }
    default:
      if (b < 0) return float_operation(op, static_cast<double>(a), static_cast<double>(b));
      return Value::integer(power_of(a, b));
  }
}

Value repeated(const Value& value, int64_t times) {
  times = std::max<int64_t>(times, 0);
  if (value.is_string()) {
    const std::string& text = value.as_text();
    size_t bytes = 0;
    if (__builtin_mul_overflow(text.size(), static_cast<size_t>(times), &bytes)) bytes = SIZE_MAX;
    charge_text(bytes);
    std::string out;
    out.reserve(bytes);
    if (!text.empty()) {
      for (int64_t i = 0; i < times; ++i) out += text;
    }
    return Value::text(std::move(out), value.is_markup());
  }
  const auto& items = value.items();
  size_t count = 0;
  if (__builtin_mul_overflow(items.size(), static_cast<size_t>(times), &count)) count = SIZE_MAX;
  charge_items(std::min(count, size_t{1} << 40));
  std::vector<Value> out;
  out.reserve(count);
  if (!items.empty()) {
    for (int64_t i = 0; i < times; ++i) out.insert(out.end(), items.begin(), items.end());
  }
  return value.is(Kind::kList) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

Value added(const Value& a, const Value& b) {
  if (a.is_string() && b.is_string()) {
    const bool markup = a.is_markup() || b.is_markup();
    if (!markup) {
      std::string out;
      out.reserve(a.as_text().size() + b.as_text().size());
      return Value::text(out.append(a.as_text()).append(b.as_text()));
    }
    return Value::text(escaped(a) + escaped(b), true);
  }
  if (!a.is_sequence() || a.kind() != b.kind()) no_operation(Op::kAdd, a, b);
  std::vector<Value> out = a.items();
  out.insert(out.end(), b.items().begin(), b.items().end());
  charge_items(out.size());
  return a.is(Kind::kList) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

/// Sets from sets, and anything that can be walked from or by keys() and items().
Value subtracted(const Value& a, const Value& b) {
  if (a.is(Kind::kSet) && b.is(Kind::kSet)) return set_difference(a, b);
  const auto is_view = [](const Value& value) { return value.is(Kind::kView) && is_set_like(value); };
  if (a.is_undefined() || !(is_view(a) || is_view(b))) no_operation(Op::kSub, a, b);
  const Value result = set_of(a);
  result.as<SetObject>().difference_update(b);
  return result;
}

bool repeats(const Value& value) { return value.is_string() || value.is_sequence(); }

}  // namespace

Value binary_operation(Op op, const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) return int_operation(op, a.as_int(), b.as_int());
  if (a.is_number() && b.is_number()) return float_operation(op, a.as_float(), b.as_float());
  if (op == Op::kAdd) return added(a, b);
  if (op == Op::kSub) return subtracted(a, b);
  if (op == Op::kMul && repeats(a) && b.is_integral()) return repeated(a, b.as_int());
  if (op == Op::kMul && repeats(b) && a.is_integral()) return repeated(b, a.as_int());
  if (op == Op::kMod && a.is_string()) return format_percent(a, b);
  no_operation(op, a, b);
}

Value negated(const Value& value) {
  if (value.is(Kind::kFloat)) return Value::real(-value.as_float());
  if (value.is_undefined()) throw_error(ErrorKind::kData, "{}", value.as<UndefinedObject>().hint);
  LF_CHECK(kData, value.is_integral(), "bad operand type for unary -: '{}'", type_name(value));
  if (value.as_int() == INT64_MIN) too_large();
  return Value::integer(-value.as_int());
}

Value unary_plus(const Value& value) {
  if (value.is(Kind::kFloat) || value.is(Kind::kInt)) return value;
  if (value.is_undefined()) throw_error(ErrorKind::kData, "{}", value.as<UndefinedObject>().hint);
  LF_CHECK(kData, value.is_integral(), "bad operand type for unary +: '{}'", type_name(value));
  return Value::integer(value.as_int());
}

std::string escaped(const Value& value) {
  if (value.is_markup()) return value.as_text();
  std::string out;
  for (char c : to_text(value)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string text_for(const Value& owner, const Value& value) {
  return owner.is_markup() ? escaped(value) : to_text(value);
}

}  // namespace lf::jinja
