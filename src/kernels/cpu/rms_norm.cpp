#include "kernels/cpu/rms_norm.h"

#include "kernels/cpu/convert.h"
#include "kernels/cpu/simd.h"

namespace lf::cpu {

namespace {
constexpr int64_t kGrainElements = 16 * 1024;

LF_SIMD float sum_of_squares(const float* x, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}

LF_SIMD void scale_row(const float* x, float factor, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * factor;
}

LF_SIMD void multiply_rows(const float* a, const float* b, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}

/// dx = r (g w) - x r^3 mean(g w x)
LF_SIMD void backward_row(const float* g, const float* x, const float* w, float r, float* dx, int64_t n) {
  float dot = 0;
#pragma omp simd reduction(+ : dot)
  for (int64_t i = 0; i < n; ++i) dot += g[i] * w[i] * x[i];
  const float pull = dot * r * r * r / static_cast<float>(n);
  for (int64_t i = 0; i < n; ++i) dx[i] = r * g[i] * w[i] - pull * x[i];
}

int64_t grain(int64_t width) { return std::max<int64_t>(1, kGrainElements / width); }
}  // namespace

std::pair<Tensor, Tensor> rms_norm_forward(const Tensor& x, const Tensor& weight, double eps) {
  const int64_t rows = x.size(0), width = x.size(1);
  const c10::ScalarType dtype = x.scalar_type();
  Tensor y = at::empty_like(x);
  Tensor inverse_rms = at::empty({rows}, x.options().dtype(at::kFloat));
  Tensor wide_weight = weight.to(at::kFloat).contiguous();
  const float* w = wide_weight.const_data_ptr<float>();
  const void* in = x.const_data_ptr();
  void* out = y.data_ptr();
  float* r = inverse_rms.data_ptr<float>();
  at::parallel_for(0, rows, grain(width), [&](int64_t first, int64_t last) {
    std::vector<float> row(width);
    for (int64_t m = first; m < last; ++m) {
      load_row(in, dtype, m, width, false, row.data());
      r[m] = 1.0f / std::sqrt(sum_of_squares(row.data(), width) / static_cast<float>(width) + static_cast<float>(eps));
      scale_row(row.data(), r[m], row.data(), width);
      if (dtype == at::kBFloat16) round_to_bf16(row.data(), row.data(), width);
      multiply_rows(row.data(), w, row.data(), width);
      store_row(row.data(), out, dtype, m * width, width);
    }
  });
  return {y, inverse_rms};
}

Tensor rms_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& weight, const Tensor& inverse_rms) {
  const int64_t rows = x.size(0), width = x.size(1);
  const c10::ScalarType dtype = x.scalar_type();
  Tensor dx = at::empty_like(x);
  Tensor wide_weight = weight.to(at::kFloat).contiguous();
  const float* w = wide_weight.const_data_ptr<float>();
  const float* r = inverse_rms.const_data_ptr<float>();
  const void *g = dy.const_data_ptr(), *in = x.const_data_ptr();
  void* out = dx.data_ptr();
  at::parallel_for(0, rows, grain(width), [&](int64_t first, int64_t last) {
    std::vector<float> gradient(width), row(width);
    for (int64_t m = first; m < last; ++m) {
      load_row(g, dtype, m, width, false, gradient.data());
      load_row(in, dtype, m, width, false, row.data());
      backward_row(gradient.data(), row.data(), w, r[m], gradient.data(), width);
      store_row(gradient.data(), out, dtype, m * width, width);
    }
  });
  return dx;
}

}  // namespace lf::cpu
