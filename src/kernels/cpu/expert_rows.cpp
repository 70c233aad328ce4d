#include "kernels/cpu/expert_rows.h"

#include "kernels/cpu/convert.h"
#include "kernels/cpu/simd.h"

namespace lf::cpu {

LF_SIMD static void add_scaled(const float* x, float scale, float* sum, int64_t n) {
  for (int64_t i = 0; i < n; ++i) sum[i] += x[i] * scale;
}

Tensor combine_rows(const Tensor& rows, const Tensor& position, const Tensor& weights) {
  const int64_t tokens = position.size(0), chosen = position.size(1), width = rows.size(1);
  const c10::ScalarType dtype = rows.scalar_type();
  Tensor out = at::empty({tokens, width}, rows.options());
  const int64_t* at_row = position.const_data_ptr<int64_t>();
  const float* weight = weights.defined() ? weights.const_data_ptr<float>() : nullptr;
  const void* from = rows.const_data_ptr();
  at::parallel_for(0, tokens, 16, [&](int64_t first, int64_t last) {
    std::vector<float> sum(width), wide(width);
    for (int64_t n = first; n < last; ++n) {
      std::fill(sum.begin(), sum.end(), 0.0f);
      for (int64_t slot = n * chosen; slot < (n + 1) * chosen; ++slot) {
        const float* row = static_cast<const float*>(from) + at_row[slot] * width;
        if (dtype != at::kFloat) {
          load_row(from, dtype, at_row[slot], width, false, wide.data());
          row = wide.data();
        }
        add_scaled(row, weight ? weight[slot] : 1.0f, sum.data(), width);
      }
      store_row(sum.data(), out.data_ptr(), dtype, n * width, width);
    }
  });
  return out;
}

}  // namespace lf::cpu
