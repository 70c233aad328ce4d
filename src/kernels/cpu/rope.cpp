// Fused rotation: one read and one write of x.
#include "kernels/cpu/rope.h"

#include "kernels/cpu/convert.h"
#include "kernels/cpu/simd.h"

namespace lf::cpu {

/// One head in fp32; row holds both halves and is turned in place.
LF_SIMD static void rotate(float* row, const float* cos, const float* sin, float direction, int64_t half) {
  float* second = row + half;
  for (int64_t i = 0; i < half; ++i) {
    const float a = row[i], b = second[i], s = sin[i] * direction;
    row[i] = a * cos[i] - b * s;
    second[i] = b * cos[i] + a * s;
  }
}

Tensor rope(const Tensor& x, const Tensor& cos, const Tensor& sin, float direction) {
  const int64_t tokens = x.size(0), heads = x.size(1), width = x.size(2), half = width / 2;
  const c10::ScalarType dtype = x.scalar_type();
  Tensor y = at::empty_like(x);
  const void* in = x.const_data_ptr();
  void* out = y.data_ptr();
  const float *c = cos.const_data_ptr<float>(), *s = sin.const_data_ptr<float>();
  at::parallel_for(0, tokens, std::max<int64_t>(1, 16 * 1024 / (heads * width)), [&](int64_t first, int64_t last) {
    std::vector<float> token(heads * width);
    for (int64_t t = first; t < last; ++t) {
      load_row(in, dtype, t, heads * width, false, token.data());
      for (int64_t h = 0; h < heads; ++h) rotate(token.data() + h * width, c + t * half, s + t * half, direction, half);
      store_row(token.data(), out, dtype, t * heads * width, heads * width);
    }
  });
  return y;
}

}  // namespace lf::cpu
