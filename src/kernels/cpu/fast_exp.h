// e^x without branches or tables, so that loops around it become vector code.
#pragma once
#include <bit>
#include <cstdint>

namespace lf::cpu {

/// e^x to about 1e-7 relative: 2^n times a polynomial on [-ln2/2, ln2/2]. Clamped to [-87, 88]; NaN stays NaN.
inline float fast_exp(float x) {
  constexpr float kLog2e = 1.44269504f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f, kMagic = 12582912.0f;
  x = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  const float shifted = x * kLog2e + kMagic;
  const float n = shifted - kMagic;
  const float r = x - n * kLn2High - n * kLn2Low;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // The low bits of n + magic hold the integer n in two's complement.
  const uint32_t exponent = std::bit_cast<uint32_t>(shifted) + 127u;
  return p * std::bit_cast<float>(exponent << 23);
}

}  // namespace lf::cpu
