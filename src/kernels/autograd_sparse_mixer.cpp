#include <torch/csrc/autograd/custom_function.h>

#include "kernels/sparse_mixer.h"

namespace lf {

namespace {
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class SparseMixerFunction : public torch::autograd::Function<SparseMixerFunction> {
 public:
  static Tensor forward(AutogradContext* ctx, const Tensor& logits, const Tensor& id, const Tensor& probabilities,
                        const Tensor& factor) {
    ctx->save_for_backward({id, probabilities});
    return probabilities.gather(-1, id) * factor;
  }

  static variable_list backward(AutogradContext* ctx, variable_list gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &id = saved[0], &probabilities = saved[1];
    Tensor g = gradients[0] * probabilities.gather(-1, id);
    Tensor out = probabilities * g.neg();
    out.scatter_add_(-1, id, g);
    return {out, Tensor(), Tensor(), Tensor()};
  }
};
}  // namespace

Tensor sparse_mixer_weight(const Tensor& logits, const Tensor& id, const Tensor& probabilities, const Tensor& factor) {
  return SparseMixerFunction::apply(logits, id, probabilities, factor);
}

}  // namespace lf
