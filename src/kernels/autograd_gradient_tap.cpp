#include <torch/csrc/autograd/custom_function.h>

#include "kernels/gradient_tap.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Gradient : torch::CustomClassHolder {
  explicit Gradient(std::function<Tensor(const Tensor&)> f) : fn(std::move(f)) {}
  std::function<Tensor(const Tensor&)> fn;
};

struct Arrival : torch::CustomClassHolder {
  explicit Arrival(std::function<void(const Tensor&)> f) : fn(std::move(f)) {}
  std::function<void(const Tensor&)> fn;
};

class TapFunction : public torch::autograd::Function<TapFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& x, c10::intrusive_ptr<Gradient> gradient) {
    ctx->save_for_backward({x});
    ctx->saved_data["gradient"] = c10::IValue::make_capsule(std::move(gradient));
    return x.view_as(x);
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    auto gradient = c10::static_intrusive_pointer_cast<Gradient>(ctx->saved_data["gradient"].toCapsule());
    const Tensor x = ctx->get_saved_variables()[0];
    Tensor own = gradient->fn(x);
    if (!own.defined()) return {gradients[0], Tensor()};
    return {gradients[0] + own.to(x.scalar_type()), Tensor()};
  }
};

class SideValueFunction : public torch::autograd::Function<SideValueFunction> {
 public:
  static variable_list forward(AutogradContext* ctx, const Tensor& x, const Tensor& value,
                               c10::intrusive_ptr<Arrival> arrival) {
    ctx->saved_data["arrival"] = c10::IValue::make_capsule(std::move(arrival));
    return {x.view_as(x), value.clone()};
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    c10::static_intrusive_pointer_cast<Arrival>(ctx->saved_data["arrival"].toCapsule())->fn(gradients[1]);
    return {gradients[0], Tensor(), Tensor()};
  }
};
}  // namespace

Tensor tapped(const Tensor& x, std::function<Tensor(const Tensor&)> gradient) {
  return TapFunction::apply(x, c10::make_intrusive<Gradient>(std::move(gradient)));
}

std::pair<Tensor, Tensor> with_side_value(const Tensor& x, const Tensor& value,
                                          std::function<void(const Tensor&)> arrived) {
  variable_list out = SideValueFunction::apply(x, value, c10::make_intrusive<Arrival>(std::move(arrived)));
  return {out[0], out[1]};
}

}  // namespace lf
