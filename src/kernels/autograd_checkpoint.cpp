#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/checkpoint.h"
#include "tensor/precision.h"
#include "tensor/rng.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The default random states of the CPU and of one device.
struct RandomState {
  explicit RandomState(c10::Device device) : device(device), cpu(default_generator_state(at::kCPU)) {
    if (!device.is_cpu()) other = default_generator_state(device);
  }
  void apply() const {
    set_default_generator_state(at::kCPU, cpu);
    if (other.defined()) set_default_generator_state(device, other);
  }
  c10::Device device;
  Tensor cpu, other;
};

/// Puts the random state back at the end of a scope.
struct RandomStateGuard {
  explicit RandomStateGuard(c10::Device device) : before(device) {}
  ~RandomStateGuard() { before.apply(); }
  RandomState before;
};

struct Recipe : torch::CustomClassHolder {
  Recipe(std::function<Tensor(const Tensor&)> f, c10::Device device)
      : fn(std::move(f)), random(device), compute(ComputeDtype::current()) {}
  std::function<Tensor(const Tensor&)> fn;
  RandomState random;
  std::optional<c10::ScalarType> compute;
};

class CheckpointFunction : public torch::autograd::Function<CheckpointFunction> {
 public:
  /// `anchor` makes the output require gradients when x does not but parameters inside fn do.
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& anchor,
                        c10::intrusive_ptr<Recipe> recipe) {
    ctx->save_for_backward({x});
    Tensor y = recipe->fn(x);
    ctx->saved_data["recipe"] = c10::IValue::make_capsule(std::move(recipe));
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    auto recipe = c10::static_intrusive_pointer_cast<Recipe>(ctx->saved_data["recipe"].toCapsule());
    Tensor x = ctx->get_saved_variables()[0].detach();
    x.requires_grad_(ctx->needs_input_grad(0));
    Tensor y;
    {
      at::AutoGradMode record(true);
      ComputeDtype scope(recipe->compute);
      RandomStateGuard restore(recipe->random.device);
      recipe->random.apply();
      y = recipe->fn(x);
    }
    torch::autograd::backward({y}, {gradients[0]});
    return {x.grad(), Tensor(), Tensor()};
  }
};
}  // namespace

Tensor checkpoint(std::function<Tensor(const Tensor&)> fn, const Tensor& x) {
  Tensor anchor = at::empty({0}, at::kFloat).requires_grad_(true);
  return CheckpointFunction::apply(x, anchor, c10::make_intrusive<Recipe>(std::move(fn), x.device()));
}

}  // namespace lf
