// Elements as GGUF stores them. Q8_0 gives the bytes of ggml's reference: scale and inverse in float32, rounding away
// from zero at a half.
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "io/gguf.h"

namespace lf {
namespace {

constexpr int64_t kBlock = 32;
constexpr size_t kBlockBytes = 2 + kBlock;

std::string bytes_of(const Tensor& tensor) {
  const Tensor flat = tensor.contiguous();
  return std::string(static_cast<const char*>(flat.const_data_ptr()), flat.nbytes());
}

void encode_block(const float* values, char* out) {
  float largest = 0;
  for (int64_t i = 0; i < kBlock; ++i) largest = std::max(largest, std::fabs(values[i]));
  const float scale = largest / 127.0f, inverse = scale == 0 ? 0.0f : 1.0f / scale;
  const c10::Half stored(scale);
  std::memcpy(out, &stored.x, 2);
  for (int64_t i = 0; i < kBlock; ++i) {
    const auto level = static_cast<int8_t>(std::round(values[i] * inverse));
    std::memcpy(out + 2 + i, &level, 1);
  }
}

std::string encode_q8_0(const Tensor& tensor) {
  const Tensor flat = tensor.to(c10::kFloat).contiguous();
  const float* values = flat.const_data_ptr<float>();
  const auto blocks = static_cast<size_t>(flat.numel() / kBlock);
  std::string out(blocks * kBlockBytes, '\0');
  for (size_t b = 0; b < blocks; ++b) encode_block(values + b * kBlock, out.data() + b * kBlockBytes);
  return out;
}

}  // namespace

const char* gguf_type_name(GgufType type) {
  switch (type) {
    case GgufType::kF32:
      return "F32";
    case GgufType::kF16:
      return "F16";
    case GgufType::kQ8_0:
      return "Q8_0";
    case GgufType::kBF16:
      return "BF16";
  }
  return "?";
}

bool fits_gguf_type(const Tensor& tensor, GgufType type) {
  return type != GgufType::kQ8_0 || (tensor.dim() > 0 && tensor.size(-1) % kBlock == 0);
}

uint64_t gguf_bytes(const Tensor& tensor, GgufType type) {
  const auto elements = static_cast<uint64_t>(tensor.numel());
  if (type == GgufType::kQ8_0) return elements / kBlock * kBlockBytes;
  return elements * (type == GgufType::kF32 ? 4 : 2);
}

std::string encode_gguf(const Tensor& tensor, GgufType type) {
  LF_CHECK(kFormat, tensor.is_floating_point() && fits_gguf_type(tensor, type),
           "a tensor of {} elements a row cannot be stored as {}", tensor.dim() ? tensor.size(-1) : 1,
           gguf_type_name(type));
  const Tensor local = tensor.detach().cpu();
  switch (type) {
    case GgufType::kF32:
      return bytes_of(local.to(c10::kFloat));
    case GgufType::kF16:
      return bytes_of(local.to(c10::kHalf));
    case GgufType::kBF16:
      return bytes_of(local.to(c10::kBFloat16));
    case GgufType::kQ8_0:
      return encode_q8_0(local);
  }
  throw_error(ErrorKind::kInternal, "{} is not a GGUF type", static_cast<uint32_t>(type));
}

}  // namespace lf
