// The autograd node behind linear() and lora_linear().
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/linear.h"
#include "kernels/linear_impl.h"
#include "kernels/matmul.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

enum Input { kX, kWeight, kBias, kA, kB };

/// libtorch counts only the tensors that are there when asked whether an input needs a gradient.
struct Edges {
  explicit Edges(AutogradContext* ctx)
      : ctx(ctx),
        has_bias(ctx->saved_data["has_bias"].toBool()),
        has_low_rank(ctx->saved_data["has_low_rank"].toBool()) {}
  bool needs(Input input) const {
    if (input == kX || input == kWeight) return ctx->needs_input_grad(input);
    if (input == kBias) return has_bias && ctx->needs_input_grad(2);
    return has_low_rank && ctx->needs_input_grad(2 + has_bias + (input == kB));
  }
  AutogradContext* ctx;
  bool has_bias, has_low_rank;
};

std::optional<Tensor> present(const Tensor& tensor) {
  return tensor.defined() ? std::optional<Tensor>(tensor) : std::nullopt;
}

/// x with dropout applied, as it entered the low-rank term.
Tensor dropped(const Tensor& x, const Tensor& mask, double p) {
  return mask.defined() ? x * mask.to(x.scalar_type()).mul_(1.0 / (1.0 - p)) : x;
}

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& w, const std::optional<Tensor>& given_bias,
                        const std::optional<Tensor>& given_a, const std::optional<Tensor>& given_b, double scale,
                        double p, c10::ScalarType compute) {
    const Tensor bias = given_bias.value_or(Tensor()), a = given_a.value_or(Tensor()), b = given_b.value_or(Tensor());
    Tensor rows = x.reshape({-1, x.size(-1)});
    Tensor xa, mask;
    LowRankProduct low_rank;
    if (a.defined()) {
      if (p > 0) mask = std::get<1>(at::native_dropout(rows, p, true));
      xa = matmul_nt(dropped(rows, mask, p), a, compute, compute);
      low_rank = {xa, b, scale};
    }
    Tensor y = linear_forward(rows, w, bias, a.defined() ? &low_rank : nullptr, compute);
    const bool needs_rows = w.requires_grad() || (a.defined() && a.requires_grad());
    ctx->save_for_backward({needs_rows ? rows : Tensor(), w, a, b, xa, mask});
    ctx->saved_data["has_bias"] = bias.defined();
    ctx->saved_data["has_low_rank"] = a.defined();
    ctx->saved_data["scale"] = scale;
    ctx->saved_data["dropout"] = p;
    ctx->saved_data["compute"] = static_cast<int64_t>(compute);
    ctx->saved_data["shape"] = x.sizes().vec();
    ctx->saved_data["x_dtype"] = static_cast<int64_t>(x.scalar_type());
    ctx->saved_data["bias_dtype"] = static_cast<int64_t>(bias.defined() ? bias.scalar_type() : at::kFloat);
    std::vector<int64_t> shape = x.sizes().vec();
    shape.back() = w.size(0);
    return y.view(shape);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &rows = saved[0], &w = saved[1], &a = saved[2], &b = saved[3], &xa = saved[4], &mask = saved[5];
    const double scale = ctx->saved_data["scale"].toDouble(), p = ctx->saved_data["dropout"].toDouble();
    const auto compute = static_cast<c10::ScalarType>(ctx->saved_data["compute"].toInt());
    const auto x_dtype = static_cast<c10::ScalarType>(ctx->saved_data["x_dtype"].toInt());
    Tensor g = gradients[0].reshape({-1, w.size(0)}).contiguous();

    variable_list out(8);
    const Edges edges(ctx);
    Tensor gb = a.defined() ? matmul_nn(g, b, compute, compute) : Tensor();
    if (edges.needs(kX)) {
      LowRankProduct low_rank{gb, a, scale};
      const bool together = a.defined() && !mask.defined();
      Tensor dx = linear_input_gradient(g, w, together ? &low_rank : nullptr, compute, x_dtype);
      if (mask.defined()) {
        Tensor through = matmul_nn(gb, a, compute, at::kFloat).mul_(scale / (1.0 - p)).mul_(mask);
        dx = dx.add_(through);
      }
      out[kX] = dx.view(ctx->saved_data["shape"].toIntVector());
    }
    if (edges.needs(kWeight)) out[kWeight] = matmul_tn(g, rows, compute, w.scalar_type());
    if (edges.needs(kBias)) {
      const auto bias_dtype = static_cast<c10::ScalarType>(ctx->saved_data["bias_dtype"].toInt());
      out[kBias] = g.sum(0, false, bias_dtype == at::kDouble ? at::kDouble : at::kFloat).to(bias_dtype);
    }
    if (edges.needs(kA)) {
      out[kA] = matmul_tn(gb, dropped(rows, mask, p), compute, a.scalar_type()).mul_(scale);
    }
    if (edges.needs(kB)) out[kB] = matmul_tn(g, xa, compute, b.scalar_type()).mul_(scale);
    return out;
  }
};
}  // namespace

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias, c10::ScalarType compute) {
  return LinearFunction::apply(x, w, present(bias), std::nullopt, std::nullopt, 1.0, 0.0, compute);
}

Tensor lora_linear(const Tensor& x, const Tensor& w, const Tensor& bias, const LowRankTermOptions& low_rank,
                   c10::ScalarType compute) {
  return LinearFunction::apply(x, w, present(bias), present(low_rank.a), present(low_rank.b), low_rank.scale,
                               low_rank.dropout, compute);
}

Tensor lora_linear_reference(const Tensor& x, const Tensor& w, const Tensor& bias, const LowRankTermOptions& low_rank,
                             c10::ScalarType compute) {
  Tensor y = at::linear(x.to(compute), w.to(compute), bias.defined() ? bias.to(compute) : Tensor());
  if (!low_rank.a.defined()) return y;
  Tensor xa = at::linear(at::dropout(x.to(compute), low_rank.dropout, true), low_rank.a.to(compute));
  return y + at::linear(xa, low_rank.b.to(compute)) * low_rank.scale;
}

}  // namespace lf
