// Columns in blocks that stay in the first-level cache, each from the first token to the last.
#include "kernels/cpu/linear_scan.h"

#include "kernels/cpu/simd.h"

namespace lf::cpu {

static constexpr int64_t kBlock = 512;

LF_SIMD static void step(const float* before, const float* a, const float* b, float* h, int64_t n) {
  for (int64_t i = 0; i < n; ++i) h[i] = a[i] * before[i] + b[i];
}

Tensor linear_scan(const Tensor& a, const Tensor& b, const Tensor& h0) {
  Tensor h = at::empty_like(a);
  const int64_t tokens = a.size(0), width = h0.numel(), blocks = (width + kBlock - 1) / kBlock;
  const float *pa = a.const_data_ptr<float>(), *pb = b.const_data_ptr<float>(), *first = h0.const_data_ptr<float>();
  float* out = h.data_ptr<float>();
  at::parallel_for(0, blocks, 4, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      const int64_t column = block * kBlock, n = std::min(kBlock, width - column);
      const float* before = first + column;
      for (int64_t t = 0; t < tokens; ++t) {
        const int64_t at = t * width + column;
        step(before, pa + at, pb + at, out + at, n);
        before = out + at;
      }
    }
  });
  return h;
}

}  // namespace lf::cpu
