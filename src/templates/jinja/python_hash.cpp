#include "templates/jinja/python_hash.h"

#include <bit>
#include <cmath>

#include "templates/jinja/budget.h"
#include "templates/jinja/compare.h"
#include "templates/jinja/number_format.h"

namespace lf::jinja {
namespace {

// Python/pyhash.c: numbers hash as residues of this prime.
constexpr int kBits = 61;
constexpr uint64_t kModulus = (uint64_t{1} << kBits) - 1;

/// -1 stands for an error in CPython.
int64_t without_error(int64_t hash) { return hash == -1 ? -2 : hash; }

uint64_t rotated(uint64_t value, int by) { return ((value << by) & kModulus) | value >> (kBits - by); }

int64_t hash_of_int(int64_t value) {
  const auto residue = static_cast<int64_t>(magnitude_of(value) % kModulus);
  return without_error(value < 0 ? -residue : residue);
}

int64_t hash_of_float(double value) {
  if (std::isinf(value)) return value > 0 ? 314159 : -314159;
  if (std::isnan(value)) return 0;
  int exponent = 0;
  double mantissa = std::frexp(std::fabs(value), &exponent);
  uint64_t hash = 0;
  while (mantissa != 0) {
    mantissa *= 1 << 28;
    exponent -= 28;
    const auto digit = static_cast<uint64_t>(mantissa);
    mantissa -= static_cast<double>(digit);
    hash = (rotated(hash, 28) + digit) % kModulus;
  }
  exponent = exponent >= 0 ? exponent % kBits : kBits - 1 - (-1 - exponent) % kBits;
  const auto residue = static_cast<int64_t>(rotated(hash, exponent));
  return without_error(value < 0 ? -residue : residue);
}

/// Objects/tupleobject.c, after xxHash.
int64_t hash_of_tuple(const std::vector<Value>& items) {
  constexpr uint64_t kPrime1 = 11400714785074694791u, kPrime2 = 14029467366897019727u, kPrime5 = 2870177450012600261u;
  uint64_t hash = kPrime5;
  for (const Value& item : items) {
    hash += static_cast<uint64_t>(python_hash(item)) * kPrime2;
    hash = std::rotl(hash, 31) * kPrime1;
  }
  hash += items.size() ^ (kPrime5 ^ 3527539u);
  return hash == UINT64_MAX ? 1546275796 : static_cast<int64_t>(hash);
}

int64_t hash_of_range(const RangeObject& range) {
  const Value none = Value::none(), length = Value::integer(range.length);
  const Value start = range.length > 0 ? Value::integer(range.start) : none;
  return hash_of_tuple({length, start, range.length > 1 ? Value::integer(range.step) : none});
}

}  // namespace

int64_t python_hash(const Value& value) {
  charge();
  switch (value.kind()) {
    case Kind::kBool:
    case Kind::kInt:
      return hash_of_int(value.as_int());
    case Kind::kFloat:
      return hash_of_float(value.as_float());
    case Kind::kTuple:
      return hash_of_tuple(value.items());
    case Kind::kRange:
      return hash_of_range(value.as<RangeObject>());
    default:
      return static_cast<int64_t>(hash_of(value));
  }
}

}  // namespace lf::jinja
