// Fused in chunks that stay in the first-level cache; fp32 inside.
#include "kernels/cpu/swiglu.h"

#include <bit>

#include "kernels/cpu/convert.h"
#include "kernels/cpu/simd.h"

namespace lf::cpu {

namespace {
constexpr int64_t kChunk = 1024;

/// e^x to about 1e-7 relative: 2^n times a polynomial on [-ln2/2, ln2/2]. Branch-free, so that loops around it become
/// vector code.
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
  const int32_t exponent = static_cast<int32_t>(n) + 127;
  return p * std::bit_cast<float>(exponent << 23);
}

LF_SIMD void forward_chunk(const float* gate, const float* up, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = gate[i] / (1.0f + fast_exp(-gate[i])) * up[i];
}

LF_SIMD void backward_chunk(const float* dy, float* gate, float* up, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const float sigmoid = 1.0f / (1.0f + fast_exp(-gate[i]));
    const float silu = gate[i] * sigmoid;
    const float d_gate = dy[i] * up[i] * (sigmoid + silu * (1.0f - sigmoid));
    up[i] = dy[i] * silu;
    gate[i] = d_gate;
  }
}

LF_SIMD float dot_chunk(const float* a, const float* b, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

LF_SIMD void scale_chunk(const float* x, float scale, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * scale;
}

/// Runs body(offset, count) over all elements in chunks.
template <class Body>
void for_chunks(int64_t elements, const Body& body) {
  const int64_t chunks = (elements + kChunk - 1) / kChunk;
  at::parallel_for(0, chunks, 16, [&](int64_t first, int64_t last) {
    for (int64_t chunk = first; chunk < last; ++chunk) {
      const int64_t begin = chunk * kChunk;
      body(begin, std::min(kChunk, elements - begin));
    }
  });
}

const void* element(const Tensor& tensor, int64_t offset) {
  return static_cast<const char*>(tensor.const_data_ptr()) + offset * tensor.element_size();
}
}  // namespace

Tensor swiglu_forward(const Tensor& gate, const Tensor& up) {
  Tensor y = at::empty_like(gate);
  const c10::ScalarType dtype = gate.scalar_type();
  for_chunks(gate.numel(), [&](int64_t begin, int64_t n) {
    std::array<float, kChunk> g, u;
    load_row(element(gate, begin), dtype, 0, n, false, g.data());
    load_row(element(up, begin), dtype, 0, n, false, u.data());
    forward_chunk(g.data(), u.data(), g.data(), n);
    store_row(g.data(), y.data_ptr(), dtype, begin, n);
  });
  return y;
}

std::pair<Tensor, Tensor> swiglu_backward(const Tensor& dy, const Tensor& gate, const Tensor& up) {
  Tensor d_gate = at::empty_like(gate), d_up = at::empty_like(up);
  const c10::ScalarType dtype = gate.scalar_type();
  for_chunks(gate.numel(), [&](int64_t begin, int64_t n) {
    std::array<float, kChunk> d, g, u;
    load_row(element(dy, begin), dtype, 0, n, false, d.data());
    load_row(element(gate, begin), dtype, 0, n, false, g.data());
    load_row(element(up, begin), dtype, 0, n, false, u.data());
    backward_chunk(d.data(), g.data(), u.data(), n);
    store_row(g.data(), d_gate.data_ptr(), dtype, begin, n);
    store_row(u.data(), d_up.data_ptr(), dtype, begin, n);
  });
  return {d_gate, d_up};
}

namespace {
/// Runs body(row, column, count) over all rows in chunks; a row's chunks run in order on one thread.
template <class Body>
void for_row_chunks(int64_t rows, int64_t width, const Body& body) {
  at::parallel_for(0, rows, std::max<int64_t>(1, 16 * kChunk / width), [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      for (int64_t column = 0; column < width; column += kChunk) body(row, column, std::min(kChunk, width - column));
    }
  });
}
}  // namespace

Tensor stacked_swiglu_forward(const Tensor& h) {
  const int64_t rows = h.size(0), width = h.size(1) / 2;
  const c10::ScalarType dtype = h.scalar_type();
  Tensor y = at::empty({rows, width}, h.options());
  for_row_chunks(rows, width, [&](int64_t row, int64_t column, int64_t n) {
    std::array<float, kChunk> g, u;
    load_row(element(h, 2 * row * width + column), dtype, 0, n, false, g.data());
    load_row(element(h, (2 * row + 1) * width + column), dtype, 0, n, false, u.data());
    forward_chunk(g.data(), u.data(), g.data(), n);
    store_row(g.data(), y.data_ptr(), dtype, row * width + column, n);
  });
  return y;
}

StackedSwigluGradients stacked_swiglu_backward(const Tensor& dy, const Tensor& h, const Tensor& scale,
                                               bool want_scaled) {
  const int64_t rows = h.size(0), width = h.size(1) / 2;
  const c10::ScalarType dtype = h.scalar_type();
  StackedSwigluGradients out{at::empty_like(h), at::zeros({rows}, h.options().dtype(at::kFloat)), Tensor()};
  if (want_scaled) out.scaled = at::empty({rows, width}, h.options());
  const float* scales = scale.defined() ? scale.const_data_ptr<float>() : nullptr;
  float* dots = out.dots.data_ptr<float>();
  for_row_chunks(rows, width, [&](int64_t row, int64_t column, int64_t n) {
    std::array<float, kChunk> d, g, u, a;
    const float factor = scales ? scales[row] : 1.0f;
    load_row(element(dy, row * width + column), dtype, 0, n, false, d.data());
    load_row(element(h, 2 * row * width + column), dtype, 0, n, false, g.data());
    load_row(element(h, (2 * row + 1) * width + column), dtype, 0, n, false, u.data());
    forward_chunk(g.data(), u.data(), a.data(), n);
    dots[row] += dot_chunk(d.data(), a.data(), n);
    if (want_scaled) {
      scale_chunk(a.data(), factor, a.data(), n);
      store_row(a.data(), out.scaled.data_ptr(), dtype, row * width + column, n);
    }
    scale_chunk(d.data(), factor, d.data(), n);
    backward_chunk(d.data(), g.data(), u.data(), n);
    store_row(g.data(), out.h.data_ptr(), dtype, 2 * row * width + column, n);
    store_row(u.data(), out.h.data_ptr(), dtype, (2 * row + 1) * width + column, n);
  });
  return out;
}

}  // namespace lf::cpu
