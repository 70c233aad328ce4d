// Rows of bf16 or fp16 to fp32 and back (round to nearest even). Raw pointers; callers split work between threads.
#pragma once
#include <c10/core/ScalarType.h>

#include <cstdint>

namespace lf::cpu {

void bf16_to_float(const uint16_t* in, float* out, int64_t n);
void float_to_bf16(const float* in, uint16_t* out, int64_t n);
/// The nearest bf16 values, as fp32. May run in place.
void round_to_bf16(const float* in, float* out, int64_t n);

/// Row number `row` (of `n` elements) of a dense matrix of float, bf16 or fp16, as fp32 in `out`; `rounded` rounds fp32
/// input to bf16.
void load_row(const void* data, c10::ScalarType dtype, int64_t row, int64_t n, bool rounded, float* out);
/// The reverse.
void store_row(const float* in, void* data, c10::ScalarType dtype, int64_t offset, int64_t n);

}  // namespace lf::cpu
