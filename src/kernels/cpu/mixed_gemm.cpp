// Row blocks of the activations and row tiles of the weight are widened into scratch buffers that stay warm in the
// cache and are kept between calls; the fp32 product itself is libtorch's.
#include "kernels/cpu/mixed_gemm.h"

#include "base/error.h"
#include "kernels/cpu/convert.h"
#include "kernels/cpu/simd.h"

// libtorch's MKL takes its slow path on CPUs that are not Intel's unless this says otherwise; it looks the symbol up in
// the program.
extern "C" int mkl_serv_intel_cpu_true() { return 1; }

namespace lf::cpu {

namespace {
constexpr int64_t kBlockRows = 2048;            // activations widened at once
constexpr int64_t kTileElements = 1024 * 1024;  // weight widened at once: 4 MB
constexpr int64_t kConvertGrain = 16 * 1024;

enum ScratchUse { kActivations, kWeight, kProduct, kOther, kUses };

/// A rows x columns fp32 view of a buffer that grows and is kept.
Tensor scratch(ScratchUse use, int64_t rows, int64_t columns) {
  static thread_local std::array<Tensor, kUses> buffers;
  Tensor& buffer = buffers[use];
  if (!buffer.defined() || buffer.numel() < rows * columns) {
    buffer = Tensor();
    buffer = at::empty({rows * columns}, at::kFloat);
  }
  return buffer.narrow(0, 0, rows * columns).view({rows, columns});
}

/// Rows [begin, end) of `matrix` as fp32: a view when nothing is to be done, else in scratch.
Tensor widened_rows(const Tensor& matrix, int64_t begin, int64_t end, bool rounded, ScratchUse use) {
  if (matrix.scalar_type() == at::kFloat && !rounded) return matrix.narrow(0, begin, end - begin);
  const int64_t width = matrix.size(1);
  Tensor out = scratch(use, end - begin, width);
  float* to = out.data_ptr<float>();
  const void* from = matrix.const_data_ptr();
  const c10::ScalarType dtype = matrix.scalar_type();
  at::parallel_for(begin, end, std::max<int64_t>(1, kConvertGrain / width), [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      load_row(from, dtype, row, width, rounded, to + (row - begin) * width);
    }
  });
  return out;
}

/// Rounds the fp32 rows of `from` into columns [column, column + from.size(1)) of `to`, beginning at row `row`.
void store_block(const Tensor& from, Tensor& to, int64_t row, int64_t column) {
  const int64_t rows = from.size(0), width = from.size(1), stride = to.size(1);
  const float* in = from.const_data_ptr<float>();
  void* out = to.data_ptr();
  const c10::ScalarType dtype = to.scalar_type();
  at::parallel_for(0, rows, std::max<int64_t>(1, kConvertGrain / width), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) store_row(in + i * width, out, dtype, (row + i) * stride + column, width);
  });
}

int64_t tile_rows(const Tensor& w) {
  return std::clamp<int64_t>(kTileElements / std::max<int64_t>(1, w.size(1)) / 64 * 64, 64,
                             std::max<int64_t>(64, w.size(0)));
}

LF_SIMD float dot(const float* a, const float* b, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

LF_SIMD float dot_bf16(const float* a, const uint16_t* b, int64_t n) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += a[i] * std::bit_cast<float>(static_cast<uint32_t>(b[i]) << 16);
  return sum;
}
}  // namespace

Tensor widened(const Tensor& matrix, bool rounded) {
  if (matrix.scalar_type() == at::kFloat && !rounded) return matrix;
  Tensor out = at::empty(matrix.sizes(), at::kFloat);
  const int64_t width = matrix.size(1);
  float* to = out.data_ptr<float>();
  at::parallel_for(0, matrix.size(0), std::max<int64_t>(1, kConvertGrain / std::max<int64_t>(1, width)),
                   [&](int64_t first, int64_t last) {
                     for (int64_t row = first; row < last; ++row) {
                       load_row(matrix.const_data_ptr(), matrix.scalar_type(), row, width, rounded, to + row * width);
                     }
                   });
  return out;
}

Tensor mixed_nt(const Tensor& x, const Tensor& w, const Tensor& bias, bool rounded, c10::ScalarType out_dtype,
                const LowRankTerm* low_rank) {
  const int64_t rows = x.size(0), outputs = w.size(0);
  if (rows <= kGemvRows) {
    Tensor product = mixed_gemv(x, w, bias, rounded, at::kFloat);
    if (low_rank) product.addmm_(low_rank->left, low_rank->right.t(), 1, low_rank->scale);
    return product.to(out_dtype);
  }
  Tensor out = at::empty({rows, outputs}, x.options().dtype(out_dtype));
  Tensor wide_bias = bias.defined() ? widened(bias.view({1, outputs}), rounded) : Tensor();
  const int64_t tile = tile_rows(w);
  for (int64_t r0 = 0; r0 < rows; r0 += kBlockRows) {
    const int64_t r1 = std::min(rows, r0 + kBlockRows);
    Tensor block = widened_rows(x, r0, r1, rounded, kActivations);
    for (int64_t n0 = 0; n0 < outputs; n0 += tile) {
      const int64_t n1 = std::min(outputs, n0 + tile);
      Tensor product = scratch(kProduct, r1 - r0, n1 - n0);
      Tensor weight = widened_rows(w, n0, n1, rounded, kWeight);
      if (wide_bias.defined()) {
        at::addmm_out(product, wide_bias.narrow(1, n0, n1 - n0), block, weight.t());
      } else {
        at::mm_out(product, block, weight.t());
      }
      if (low_rank) {
        product.addmm_(low_rank->left.narrow(0, r0, r1 - r0), low_rank->right.narrow(0, n0, n1 - n0).t(), 1,
                       low_rank->scale);
      }
      store_block(product, out, r0, n0);
    }
  }
  return out;
}

Tensor mixed_nn(const Tensor& g, const Tensor& w, bool rounded, c10::ScalarType out_dtype,
                const LowRankTerm* low_rank) {
  const int64_t rows = g.size(0), inner = w.size(0), outputs = w.size(1);
  Tensor out = at::empty({rows, outputs}, g.options().dtype(out_dtype));
  const int64_t tile = tile_rows(w);
  for (int64_t r0 = 0; r0 < rows; r0 += kBlockRows) {
    const int64_t r1 = std::min(rows, r0 + kBlockRows);
    Tensor block = widened_rows(g, r0, r1, rounded, kActivations);
    Tensor product = out_dtype == at::kFloat ? out.narrow(0, r0, r1 - r0) : scratch(kProduct, r1 - r0, outputs);
    for (int64_t n0 = 0; n0 < inner; n0 += tile) {
      const int64_t n1 = std::min(inner, n0 + tile);
      Tensor weight = widened_rows(w, n0, n1, rounded, kWeight);
      if (n0 == 0) {
        at::mm_out(product, block.narrow(1, n0, n1 - n0), weight);
      } else {
        product.addmm_(block.narrow(1, n0, n1 - n0), weight);
      }
    }
    if (low_rank) product.addmm_(low_rank->left.narrow(0, r0, r1 - r0), low_rank->right, 1, low_rank->scale);
    if (out_dtype != at::kFloat) store_block(product, out, r0, 0);
  }
  return out;
}

Tensor mixed_tn(const Tensor& g, const Tensor& x, bool rounded, c10::ScalarType out_dtype) {
  const int64_t rows = g.size(0);
  Tensor sum = at::empty({g.size(1), x.size(1)}, x.options().dtype(at::kFloat));
  for (int64_t r0 = 0; r0 < rows; r0 += kBlockRows) {
    const int64_t r1 = std::min(rows, r0 + kBlockRows);
    Tensor left = widened_rows(g, r0, r1, rounded, kActivations);
    Tensor right = widened_rows(x, r0, r1, rounded, kOther);
    if (r0 == 0) {
      at::mm_out(sum, left.t(), right);
    } else {
      sum.addmm_(left.t(), right);
    }
  }
  if (rows == 0) sum.zero_();
  return sum.to(out_dtype);
}

Tensor mixed_gemv(const Tensor& x, const Tensor& w, const Tensor& bias, bool rounded, c10::ScalarType out_dtype) {
  const int64_t rows = x.size(0), width = x.size(1), outputs = w.size(0);
  Tensor wide = widened(x, rounded).contiguous();
  Tensor wide_bias = bias.defined() ? widened(bias.view({1, outputs}), rounded).contiguous() : Tensor();
  Tensor product = at::empty({rows, outputs}, wide.options());
  const float* in = wide.const_data_ptr<float>();
  const float* add = wide_bias.defined() ? wide_bias.const_data_ptr<float>() : nullptr;
  const void* weight = w.const_data_ptr();
  const c10::ScalarType dtype = w.scalar_type();
  float* to = product.data_ptr<float>();
  at::parallel_for(0, outputs, std::max<int64_t>(1, kConvertGrain / width), [&](int64_t first, int64_t last) {
    std::vector<float> row(width);
    for (int64_t n = first; n < last; ++n) {
      const bool direct = dtype == at::kBFloat16 && rows == 1;
      if (!direct) load_row(weight, dtype, n, width, rounded, row.data());
      for (int64_t m = 0; m < rows; ++m) {
        float value = direct ? dot_bf16(in, static_cast<const uint16_t*>(weight) + n * width, width)
                             : dot(in + m * width, row.data(), width);
        to[m * outputs + n] = value + (add ? add[n] : 0.0f);
      }
    }
  });
  return product.to(out_dtype);
}

}  // namespace lf::cpu
