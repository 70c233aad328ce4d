// On the CPU one pass over memory; elsewhere log2(T) passes by doubling (Hillis & Steele 1986). The gradient is the
// same recurrence run backwards.
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/cpu/linear_scan.h"
#include "kernels/linear_scan.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// After the pass with step s, row t holds the combined effect of tokens t-2s+1 .. t.
Tensor doubling(Tensor a, Tensor b, const Tensor& h0) {
  for (int64_t step = 1; step < a.size(0); step *= 2) {
    Tensor left_a = a.slice(0, 0, -step), left_b = b.slice(0, 0, -step), right_a = a.slice(0, step);
    b = at::cat({b.slice(0, 0, step), b.slice(0, step) + right_a * left_b});
    a = at::cat({a.slice(0, 0, step), right_a * left_a});
  }
  return a * h0 + b;
}

Tensor run(const Tensor& a, const Tensor& b, const Tensor& h0) {
  if (a.is_cpu() && a.scalar_type() == at::kFloat) {
    return cpu::linear_scan(a.contiguous(), b.contiguous(), h0.contiguous());
  }
  return doubling(a, b, h0);
}

class LinearScan : public torch::autograd::Function<LinearScan> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& a, const Tensor& b, const Tensor& h0) {
    Tensor h = run(a, b, h0);
    ctx->save_for_backward({a, h0, h});
    return h;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &a = saved[0], &h0 = saved[1], &h = saved[2];
    // d_t = g_t + a_(t+1) d_(t+1): the recurrence over reversed time, where the last token's factor meets zero.
    Tensor factors = at::cat({at::zeros_like(a.slice(0, 0, 1)), a.slice(0, 1).flip(0)});
    Tensor d = run(factors, gradients[0].flip(0), at::zeros_like(h0)).flip(0);
    Tensor before = at::cat({h0.unsqueeze(0), h.slice(0, 0, -1)});
    return {d * before, d, d[0] * a[0]};
  }
};
}  // namespace

Tensor linear_scan(const Tensor& a, const Tensor& b, const Tensor& h0) { return LinearScan::apply(a, b, h0); }

Tensor linear_scan_reference(const Tensor& a, const Tensor& b, const Tensor& h0) {
  std::vector<Tensor> rows;
  Tensor h = h0;
  for (int64_t t = 0; t < a.size(0); ++t) rows.push_back(h = a[t] * h + b[t]);
  return at::stack(rows);
}

}  // namespace lf
