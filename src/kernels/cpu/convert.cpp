#include "kernels/cpu/convert.h"

#include <c10/util/Half.h>

#include <bit>
#include <cstring>

#include "base/error.h"
#include "kernels/cpu/simd.h"

namespace lf::cpu {

LF_SIMD void bf16_to_float(const uint16_t* in, float* out, int64_t n) {
  uint32_t* bits = reinterpret_cast<uint32_t*>(out);
  for (int64_t i = 0; i < n; ++i) bits[i] = static_cast<uint32_t>(in[i]) << 16;
}

LF_SIMD void float_to_bf16(const float* in, uint16_t* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    uint32_t bits = std::bit_cast<uint32_t>(in[i]);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
    out[i] = static_cast<uint16_t>(nan ? 0x7fc0u : rounded);
  }
}

LF_SIMD void round_to_bf16(const float* in, float* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    uint32_t bits = std::bit_cast<uint32_t>(in[i]);
    uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u;
    bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
    out[i] = std::bit_cast<float>(nan ? bits : rounded);
  }
}

void load_row(const void* data, c10::ScalarType dtype, int64_t row, int64_t n, bool rounded, float* out) {
  switch (dtype) {
    case c10::kFloat: {
      const float* in = static_cast<const float*>(data) + row * n;
      if (rounded) {
        round_to_bf16(in, out, n);
      } else {
        std::memcpy(out, in, n * sizeof(float));
      }
      return;
    }
    case c10::kBFloat16:
      bf16_to_float(static_cast<const uint16_t*>(data) + row * n, out, n);
      return;
    case c10::kHalf: {
      const c10::Half* in = static_cast<const c10::Half*>(data) + row * n;
      for (int64_t i = 0; i < n; ++i) out[i] = in[i];
      if (rounded) round_to_bf16(out, out, n);
      return;
    }
    default:
      LF_ASSERT(false);
  }
}

void store_row(const float* in, void* data, c10::ScalarType dtype, int64_t offset, int64_t n) {
  switch (dtype) {
    case c10::kFloat:
      std::memcpy(static_cast<float*>(data) + offset, in, n * sizeof(float));
      return;
    case c10::kBFloat16:
      float_to_bf16(in, static_cast<uint16_t*>(data) + offset, n);
      return;
    case c10::kHalf: {
      c10::Half* out = static_cast<c10::Half*>(data) + offset;
      for (int64_t i = 0; i < n; ++i) out[i] = in[i];
      return;
    }
    default:
      LF_ASSERT(false);
  }
}

}  // namespace lf::cpu
