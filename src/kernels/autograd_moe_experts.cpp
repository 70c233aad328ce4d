// The node behind moe_experts(). With g the gradient of a token's output, w a row's weight and y = act(h) W_down^T + b:
// dw = <g, y> = <g W_down, act(h)> + <g, b>, so that y itself need not be kept.
#include <ATen/OpMathType.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/cpu/expert_rows.h"
#include "kernels/cpu/swiglu.h"
#include "kernels/grouped_matmul.h"
#include "kernels/moe_experts.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What both passes need besides tensors.
struct Plan : torch::CustomClassHolder {
  ExpertRows rows;
  ExpertOptions options;
  bool transposed = false;
  bool has_up_bias = false, has_down_bias = false;
  c10::ScalarType x_dtype = at::kFloat;
  int64_t chosen = 0;
};

enum Input { kX, kWeights, kUp, kDown, kUpBias, kDownBias, kInputs };

Tensor product(const Tensor& x, const Tensor& w, const std::optional<Tensor>& bias, const Plan& plan) {
  const c10::ScalarType c = plan.options.compute;
  const Tensor added = bias.value_or(Tensor());
  return plan.transposed ? grouped_matmul_nn(x, w, plan.rows.bounds, c, c, added)
                         : grouped_matmul_nt(x, w, plan.rows.bounds, c, c, added);
}

Tensor input_gradient(const Tensor& g, const Tensor& w, const Plan& plan) {
  const c10::ScalarType c = plan.options.compute;
  return plan.transposed ? grouped_matmul_nt(g, w, plan.rows.bounds, c, c)
                         : grouped_matmul_nn(g, w, plan.rows.bounds, c, c);
}

Tensor weight_gradient(const Tensor& g, const Tensor& x, const Tensor& w, const Plan& plan) {
  const c10::ScalarType c = plan.options.compute;
  return plan.transposed ? grouped_matmul_tn(x, g, plan.rows.bounds, c, w.scalar_type())
                         : grouped_matmul_tn(g, x, plan.rows.bounds, c, w.scalar_type());
}

/// The sum of each expert's rows.
Tensor bias_gradient(const Tensor& rows, const Tensor& bias, const Plan& plan) {
  Tensor sum = at::zeros(bias.sizes(), rows.options().dtype(at::toOpMathType(rows.scalar_type())));
  for (size_t x = 0; x + 1 < plan.rows.bounds.size(); ++x) {
    const int64_t first = plan.rows.bounds[x], count = plan.rows.bounds[x + 1] - first;
    if (count > 0) sum[x] = rows.narrow(0, first, count).sum(0, false, sum.scalar_type());
  }
  return sum.to(bias.scalar_type());
}

bool fused_on_cpu(const Tensor& tensor) {
  return tensor.is_cpu() && (tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16);
}

Tensor stacked_swiglu(const Tensor& h) {
  const std::vector<Tensor> halves = h.chunk(2, -1);
  return at::silu(halves[0]) * halves[1];
}

Tensor activate(const Tensor& h, const Plan& plan) {
  if (plan.options.activation) return plan.options.activation(h);
  return fused_on_cpu(h) ? cpu::stacked_swiglu_forward(h) : stacked_swiglu(h);
}

/// Gradients of rows that were activated and then multiplied by `scale`; dy is theirs before the scale.
cpu::StackedSwigluGradients activation_gradients(const Tensor& dy, const Tensor& h, const Tensor& scale,
                                                 bool want_scaled, const Plan& plan) {
  if (!plan.options.activation && fused_on_cpu(h)) return cpu::stacked_swiglu_backward(dy, h, scale, want_scaled);
  at::AutoGradMode record(true);
  Tensor leaf = h.detach().requires_grad_(true);
  Tensor a = plan.options.activation ? plan.options.activation(leaf) : stacked_swiglu(leaf);
  const c10::ScalarType wide = at::toOpMathType(dy.scalar_type());
  Tensor column = scale.defined() ? scale.unsqueeze(1) : Tensor();
  Tensor da = scale.defined() ? (dy * column).to(a.scalar_type()) : dy;
  Tensor dh = torch::autograd::grad({a}, {leaf}, {da})[0];
  a = a.detach();
  Tensor scaled = !want_scaled ? Tensor() : scale.defined() ? (a * column).to(a.scalar_type()) : a;
  return {dh, (dy.to(wide) * a.to(wide)).sum(1), scaled};
}

Tensor combine(const Tensor& rows, const Tensor& weights, const Plan& plan) {
  Tensor position = plan.rows.position.view({-1, plan.chosen});
  if (fused_on_cpu(rows)) return cpu::combine_rows(rows, position, weights);
  Tensor slots = rows.index_select(0, plan.rows.position).view({-1, plan.chosen, rows.size(1)});
  const c10::ScalarType wide = at::toOpMathType(rows.scalar_type());
  slots = slots.to(wide);
  if (weights.defined()) slots = slots * weights.to(wide).unsqueeze(2);
  return slots.sum(1).to(rows.scalar_type());
}

/// x's rows in sorted order, multiplied by the weights where these act on the input.
Tensor gathered(const Tensor& x, const Tensor& sorted_weights, const Plan& plan) {
  Tensor rows = x.index_select(0, plan.rows.token);
  if (!plan.options.weigh_input) return rows;
  return (rows * sorted_weights.unsqueeze(1)).to(rows.scalar_type());
}

/// Tensors in sorted order that the backward pass shares.
struct Backward {
  const Plan& plan;
  Tensor x, sorted_weights, up, down, up_bias, down_bias, h;
  bool weighs_output() const { return !plan.options.weigh_input; }
};

/// A row's bias times the row, summed.
Tensor bias_dots(const Tensor& g, const Tensor& bias, const Plan& plan) {
  const c10::ScalarType wide = at::toOpMathType(g.scalar_type());
  Tensor dots = at::empty({g.size(0)}, g.options().dtype(wide));
  for (size_t x = 0; x + 1 < plan.rows.bounds.size(); ++x) {
    const int64_t first = plan.rows.bounds[x], count = plan.rows.bounds[x + 1] - first;
    if (count > 0) dots.narrow(0, first, count).copy_(at::mv(g.narrow(0, first, count).to(wide), bias[x].to(wide)));
  }
  return dots;
}

class ExpertsFunction : public torch::autograd::Function<ExpertsFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& weights, const Tensor& up,
                        const Tensor& down, const std::optional<Tensor>& up_bias,
                        const std::optional<Tensor>& down_bias, c10::intrusive_ptr<Plan> plan) {
    Tensor input = x.to(plan->options.compute);
    Tensor sorted = weights.reshape({-1}).index_select(0, plan->rows.order);
    Tensor h = product(gathered(input, sorted, *plan), up, up_bias, *plan);
    Tensor y = product(activate(h, *plan), down, down_bias, *plan);
    Tensor out = combine(y, plan->options.weigh_input ? Tensor() : weights.contiguous(), *plan);
    ctx->save_for_backward({input, sorted, up, down, up_bias.value_or(Tensor()), down_bias.value_or(Tensor()), h});
    ctx->saved_data["plan"] = c10::IValue::make_capsule(std::move(plan));
    return out;
  }

  static bool needs(AutogradContext* ctx, const Plan& plan, Input input) {
    if (input < kUpBias) return ctx->needs_input_grad(input);
    if (input == kUpBias) return plan.has_up_bias && ctx->needs_input_grad(kUpBias);
    return plan.has_down_bias && ctx->needs_input_grad(kUpBias + plan.has_up_bias);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    auto plan_pointer = c10::static_intrusive_pointer_cast<Plan>(ctx->saved_data["plan"].toCapsule());
    const variable_list saved = ctx->get_saved_variables();
    const Backward b{*plan_pointer, saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6]};
    variable_list out(kInputs + 1);
    Tensor g = gradients[0].to(b.plan.options.compute).contiguous().index_select(0, b.plan.rows.token);
    Tensor scale = b.weighs_output() ? b.sorted_weights : Tensor();
    Tensor da = input_gradient(g, b.down, b.plan);
    auto activation = activation_gradients(da, b.h, scale, needs(ctx, b.plan, kDown), b.plan);
    da = Tensor();
    if (needs(ctx, b.plan, kDown)) out[kDown] = weight_gradient(g, activation.scaled, b.down, b.plan);
    if (needs(ctx, b.plan, kDownBias)) {
      Tensor weighed = b.weighs_output() ? (g * scale.unsqueeze(1)).to(g.scalar_type()) : g;
      out[kDownBias] = bias_gradient(weighed, b.down_bias, b.plan);
    }
    if (needs(ctx, b.plan, kUpBias)) out[kUpBias] = bias_gradient(activation.h, b.up_bias, b.plan);
    if (needs(ctx, b.plan, kUp)) {
      out[kUp] = weight_gradient(activation.h, gathered(b.x, b.sorted_weights, b.plan), b.up, b.plan);
    }
    Tensor dots = activation.dots;
    if (b.weighs_output() && b.down_bias.defined()) dots = dots + bias_dots(g, b.down_bias, b.plan);
    input_gradients(ctx, b, activation.h, dots, out);
    return out;
  }

  /// Of x and of the weights.
  static void input_gradients(AutogradContext* ctx, const Backward& b, const Tensor& dh, Tensor dots,
                              variable_list& out) {
    const bool weights_wanted = needs(ctx, b.plan, kWeights);
    if (needs(ctx, b.plan, kX) || (weights_wanted && !b.weighs_output())) {
      Tensor dx = input_gradient(dh, b.up, b.plan);
      if (!b.weighs_output()) {
        const c10::ScalarType wide = at::toOpMathType(dx.scalar_type());
        dots = (dx.to(wide) * b.x.index_select(0, b.plan.rows.token)).sum(1);
        dx = (dx * b.sorted_weights.unsqueeze(1)).to(dx.scalar_type());
      }
      if (needs(ctx, b.plan, kX)) out[kX] = combine(dx, Tensor(), b.plan).to(b.plan.x_dtype);
    }
    if (weights_wanted) {
      out[kWeights] = dots.index_select(0, b.plan.rows.position).view({-1, b.plan.chosen}).to(b.sorted_weights.dtype());
    }
  }
};

std::optional<Tensor> present(const Tensor& tensor) {
  return tensor.defined() ? std::optional<Tensor>(tensor) : std::nullopt;
}
}  // namespace

Tensor moe_experts(const Tensor& x, const Tensor& ids, const Tensor& weights, const ExpertWeights& experts,
                   const ExpertOptions& options) {
  auto plan = c10::make_intrusive<Plan>();
  plan->rows = sort_by_expert(ids, experts.up.size(0));
  plan->options = options;
  plan->transposed = experts.transposed;
  plan->has_up_bias = experts.up_bias.defined();
  plan->has_down_bias = experts.down_bias.defined();
  plan->x_dtype = x.scalar_type();
  plan->chosen = ids.size(1);
  return ExpertsFunction::apply(x, weights, experts.up, experts.down, present(experts.up_bias),
                                present(experts.down_bias), std::move(plan));
}

}  // namespace lf
