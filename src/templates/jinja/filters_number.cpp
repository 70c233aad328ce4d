// Filters that give numbers: int, float, round, abs, filesizeformat.
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "templates/jinja/filters.h"
#include "templates/jinja/number_format.h"
#include "templates/jinja/numbers.h"
#include "templates/jinja/operators.h"

namespace lf::jinja {
namespace {

[[noreturn]] void fail_undefined(const Value& value) {
  throw_error(ErrorKind::kData, "{}", value.as<UndefinedObject>().hint);
}

int64_t truncated(double value) {
  LF_CHECK(kData, std::fabs(value) < 9.2e18, "integers beyond 64 bits are not supported");
  return static_cast<int64_t>(value);
}

Value to_int(Interp&, const Value& self, const Args& args) {
  const Params params("int", args, {"default", "base"});
  const Value otherwise = params.has(0) ? params[0] : Value::integer(0);
  if (self.is_undefined()) fail_undefined(self);
  if (self.is(Kind::kInt)) return self;
  if (self.is(Kind::kBool)) return Value::integer(self.as_int());
  if (self.is(Kind::kFloat)) {
    if (std::isnan(self.as_float())) return otherwise;
    LF_CHECK(kData, !std::isinf(self.as_float()), "cannot convert float infinity to integer");
    return Value::integer(truncated(self.as_float()));
  }
  if (!self.is_string()) return otherwise;
  const Value base = params.has(1) ? params[1] : Value::integer(10);
  if (const auto whole = base.is_integral() ? parse_int(self.as_text(), base.as_int()) : std::nullopt)
    return Value::integer(*whole);
  const auto value = parse_float(self.as_text());
  return value && std::isfinite(*value) ? Value::integer(truncated(*value)) : otherwise;
}

Value to_float(Interp&, const Value& self, const Args& args) {
  const Params params("float", args, {"default"});
  if (self.is_undefined()) fail_undefined(self);
  if (self.is(Kind::kFloat)) return self;
  if (self.is_number()) return Value::real(self.as_float());
  const auto value = self.is_string() ? parse_float(self.as_text()) : std::nullopt;
  return value ? Value::real(*value) : params.has(0) ? params[0] : Value::real(0);
}

Value absolute(Interp&, const Value& self, const Args& args) {
  const Params params("abs", args, {});
  if (self.is(Kind::kFloat)) return Value::real(std::fabs(self.as_float()));
  if (self.is_undefined()) fail_undefined(self);
  LF_CHECK(kData, self.is_integral(), "bad operand type for abs(): '{}'", type_name(self));
  if (self.is(Kind::kInt) && self.as_int() >= 0) return self;
  return self.as_int() < 0 ? negated(self) : Value::integer(self.as_int());
}

/// round(int, digits): half to even at tens, hundreds ...
int64_t rounded_int(int64_t value, int64_t digits) {
  if (digits >= 0) return value;
  if (digits < -18) return 0;
  __int128 unit = 1;
  for (int64_t i = digits; i < 0; ++i) unit *= 10;
  __int128 rest = value % unit, base = value - rest;
  if (rest < 0) rest += unit, base -= unit;
  const bool odd = (base / unit) % 2 != 0;
  if (rest * 2 > unit || (rest * 2 == unit && odd)) base += unit;
  LF_CHECK(kData, base >= INT64_MIN && base <= INT64_MAX, "integers beyond 64 bits are not supported");
  return static_cast<int64_t>(base);
}

/// round(float, digits): to the nearest decimal, ties of the exact value to even.
double rounded_float(double value, int64_t digits) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < -308) return std::copysign(0.0, value);
  if (digits >= 0) {
    std::string text(800, '\0');
    text.resize(std::snprintf(text.data(), text.size(), "%.*f", static_cast<int>(digits), value));
    return std::strtod(text.c_str(), nullptr);
  }
  const double unit = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(value / unit) * unit;
}

Value round(Interp&, const Value& self, const Args& args) {
  const Params params("round", args, {"precision", "method"});
  const std::string method = params.text(1, "common");
  LF_CHECK(kData, method == "common" || method == "ceil" || method == "floor", "method must be common, ceil or floor");
  if (self.is_undefined()) fail_undefined(self);
  if (method == "common") {
    LF_CHECK(kData, self.is_number(), "type {} doesn't define __round__ method", type_name(self));
    if (params.has(0) && params[0].is_none())
      return Value::integer(self.is_integral() ? self.as_int() : truncated(std::nearbyint(self.as_float())));
    const int64_t digits = params.integer(0, 0);
    if (self.is_integral()) return Value::integer(rounded_int(self.as_int(), digits));
    return Value::real(rounded_float(self.as_float(), digits));
  }
  const Value ten = binary_operation(Op::kPow, Value::integer(10), params.has(0) ? params[0] : Value::integer(0));
  const Value scaled = binary_operation(Op::kMul, self, ten);
  LF_CHECK(kData, scaled.is_number(), "must be real number, not {}", type_name(scaled));
  if (scaled.is_integral()) return binary_operation(Op::kDiv, scaled, ten);
  LF_CHECK(kData, std::isfinite(scaled.as_float()), "cannot convert float infinity or NaN to integer");
  const double whole = method == "ceil" ? std::ceil(scaled.as_float()) : std::floor(scaled.as_float());
  return binary_operation(Op::kDiv, Value::integer(truncated(whole)), ten);
}

Value filesizeformat(Interp&, const Value& self, const Args& args) {
  const Params params("filesizeformat", args, {"binary"});
  if (self.is_undefined()) fail_undefined(self);
  const auto parsed = self.is_string() ? parse_float(self.as_text()) : std::nullopt;
  LF_CHECK(kData, self.is_number() || parsed, "could not convert {} to float", type_name(self));
  const double bytes = parsed ? *parsed : self.as_float();
  const bool binary = params.flag(0, false);
  const double base = binary ? 1024 : 1000;
  if (bytes == 1) return Value::text("1 Byte");
  if (bytes < base) return Value::text(fmt::format("{} Bytes", truncated(bytes)));
  long double unit = base;  // holds all powers exactly
  size_t i = 0;
  constexpr std::string_view kLetters = "kMGTPEZY";
  for (;; ++i) {
    unit *= base;
    if (bytes < unit || i + 1 == kLetters.size()) break;
  }
  const std::string letter(1, binary && i == 0 ? 'K' : kLetters[i]);
  const double shown = base * bytes / static_cast<double>(unit);
  return Value::text(fmt::format("{:.1f} {}{}", std::isnan(shown) ? NAN : shown, letter, binary ? "iB" : "B"));
}

constexpr NamedBuiltin kFilters[] = {
    {"int", to_int}, {"float", to_float}, {"abs", absolute}, {"round", round}, {"filesizeformat", filesizeformat}};

}  // namespace

std::span<const NamedBuiltin> number_filters() { return kFilters; }

}  // namespace lf::jinja
