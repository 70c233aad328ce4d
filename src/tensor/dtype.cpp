#include "tensor/dtype.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {

namespace {
struct NamedDtype {
  std::string_view name, short_name;
  c10::ScalarType type;
};
constexpr std::array<NamedDtype, 10> kDtypes = {{
    {"float32", "fp32", c10::kFloat},
    {"bfloat16", "bf16", c10::kBFloat16},
    {"float16", "fp16", c10::kHalf},
    {"float64", "fp64", c10::kDouble},
    {"int64", "i64", c10::kLong},
    {"int32", "i32", c10::kInt},
    {"int16", "i16", c10::kShort},
    {"int8", "i8", c10::kChar},
    {"uint8", "u8", c10::kByte},
    {"bool", "bool", c10::kBool},
}};
constexpr size_t kFloating = 4;
}  // namespace

std::string dtype_name(c10::ScalarType dtype) {
  for (const NamedDtype& entry : kDtypes) {
    if (entry.type == dtype) return std::string(entry.name);
  }
  return c10::toString(dtype);
}

c10::ScalarType dtype_from_name(std::string_view name, std::string_view where) {
  std::string_view bare = name.starts_with("torch.") ? name.substr(6) : name;
  for (size_t i = 0; i < kFloating; ++i) {
    if (kDtypes[i].name == bare || kDtypes[i].short_name == bare) return kDtypes[i].type;
  }
  throw_error(ErrorKind::kConfig, "{}: dtype must be float32, bfloat16 or float16 but is '{}'", where, printable(name));
}

}  // namespace lf
