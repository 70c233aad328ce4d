// The autograd node behind linear_cross_entropy_sum.
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.h"
#include "kernels/linear_cross_entropy_impl.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::array<const char*, 3> kGradients{"hidden", "weight", "bias"};

class LinearCrossEntropyFunction : public torch::autograd::Function<LinearCrossEntropyFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& hidden, const Tensor& weight,
                        const std::optional<Tensor>& bias, const Tensor& targets,
                        const LinearCrossEntropyKernelOptions* options, const LinearCrossEntropyWanted* wanted,
                        TokenLosses* tokens) {
    LinearCrossEntropyResult result =
        linear_cross_entropy_compute(hidden, weight, bias.value_or(Tensor()), targets, *options, *wanted);
    // Kept outside of save_for_backward so that backward may scale them in place and give them away.
    const std::array<Tensor, 3> gradients{result.hidden_gradient, result.weight_gradient, result.bias_gradient};
    for (size_t i = 0; i < gradients.size(); ++i) {
      if (gradients[i].defined()) ctx->saved_data[kGradients[i]] = gradients[i];
    }
    Tensor sum = result.tokens.losses.sum();
    if (tokens) *tokens = std::move(result.tokens);
    return sum;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    variable_list out(7);
    for (size_t i = 0; i < kGradients.size(); ++i) {
      if (!ctx->needs_input_grad(i)) continue;
      const auto found = ctx->saved_data.find(kGradients[i]);
      LF_ASSERT(found != ctx->saved_data.end());  // backward ran before
      out[i] = found->second.toTensor();
      ctx->saved_data.erase(found);
      out[i].mul_(gradients[0]);
    }
    return out;
  }
};
}  // namespace

Tensor linear_cross_entropy_sum(const Tensor& hidden, const Tensor& weight, const Tensor& bias, const Tensor& targets,
                                const LinearCrossEntropyKernelOptions& options, TokenLosses* tokens) {
  auto wants = [](const Tensor& t) { return t.defined() && t.requires_grad() && at::GradMode::is_enabled(); };
  const LinearCrossEntropyWanted wanted{wants(hidden), wants(weight), wants(bias)};
  const std::optional<Tensor> given = bias.defined() ? std::optional(bias) : std::nullopt;  // never an undefined tensor
  return LinearCrossEntropyFunction::apply(hidden, weight, given, targets, &options, &wanted, tokens);
}

}  // namespace lf
