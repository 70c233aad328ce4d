#include "io/safetensors_dtype.h"

#include "base/error.h"

namespace lf {
namespace {

constexpr std::array<std::pair<SafetensorsDtype, c10::ScalarType>, 19> kPairs = {{
    {SafetensorsDtype::kBool, c10::ScalarType::Bool},
    {SafetensorsDtype::kU8, c10::ScalarType::Byte},
    {SafetensorsDtype::kI8, c10::ScalarType::Char},
    {SafetensorsDtype::kF8E5M2, c10::ScalarType::Float8_e5m2},
    {SafetensorsDtype::kF8E4M3, c10::ScalarType::Float8_e4m3fn},
    {SafetensorsDtype::kF8E8M0, c10::ScalarType::Float8_e8m0fnu},
    {SafetensorsDtype::kF8E4M3Fnuz, c10::ScalarType::Float8_e4m3fnuz},
    {SafetensorsDtype::kF8E5M2Fnuz, c10::ScalarType::Float8_e5m2fnuz},
    {SafetensorsDtype::kI16, c10::ScalarType::Short},
    {SafetensorsDtype::kU16, c10::ScalarType::UInt16},
    {SafetensorsDtype::kF16, c10::ScalarType::Half},
    {SafetensorsDtype::kBF16, c10::ScalarType::BFloat16},
    {SafetensorsDtype::kI32, c10::ScalarType::Int},
    {SafetensorsDtype::kU32, c10::ScalarType::UInt32},
    {SafetensorsDtype::kF32, c10::ScalarType::Float},
    {SafetensorsDtype::kC64, c10::ScalarType::ComplexFloat},
    {SafetensorsDtype::kF64, c10::ScalarType::Double},
    {SafetensorsDtype::kI64, c10::ScalarType::Long},
    {SafetensorsDtype::kU64, c10::ScalarType::UInt64},
}};

}  // namespace

std::optional<c10::ScalarType> scalar_type_of(SafetensorsDtype dtype) {
  for (const auto& [name, type] : kPairs) {
    if (name == dtype) return type;
  }
  return std::nullopt;
}

SafetensorsDtype safetensors_dtype_of(c10::ScalarType type) {
  for (const auto& [name, candidate] : kPairs) {
    if (candidate == type) return name;
  }
  throw_error(ErrorKind::kUnsupported, "tensors of type {} cannot be stored as safetensors", c10::toString(type));
}

}  // namespace lf
