// e^x on eight floats at once, in portable vector code (the compiler splits or widens it for each instruction set).
#pragma once
#include <cstdint>

namespace lf::cpu {

using Float8 = float __attribute__((vector_size(32)));
using Int8 = int32_t __attribute__((vector_size(32)));

/// x becomes e^x to about 1e-7 relative: 2^n times a polynomial on [-ln2/2, ln2/2]. Clamped to [-87, 88]; NaN stays
/// NaN. By reference, because vectors by value have another ABI under each instruction set.
__attribute__((always_inline)) inline void fast_exp(Float8& x) {
  constexpr float kLog2e = 1.44269504f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f, kMagic = 12582912.0f;
  const Float8 low = Float8{} - 87.0f, high = Float8{} + 88.0f;
  x = x < low ? low : x;
  x = x > high ? high : x;
  const Float8 shifted = x * kLog2e + kMagic;
  const Float8 n = shifted - kMagic;
  const Float8 r = x - n * kLn2High - n * kLn2Low;
  Float8 p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // The low bits of n + magic hold the integer n in two's complement.
  const Int8 exponent = reinterpret_cast<Int8>(shifted) + 127;
  x = p * reinterpret_cast<Float8>(exponent << 23);
}

}  // namespace lf::cpu
