// `optim: adagrad`: torch.optim.Adagrad; optim_args: lr_decay, eps.
#include "optim/optimizer_args.h"
#include "optim/tensor_state.h"

namespace lf {

namespace {
class Adagrad : public TensorStateOptimizer {
 public:
  Adagrad(std::vector<ParamGroup> groups, const OptimizerArgs& args)
      : TensorStateOptimizer(std::move(groups), {"sum"}),
        lr_decay_(args.number("lr_decay", 0)),
        epsilon_(args.number("eps", 1e-10)) {}

  void step() override {
    at::NoGradGuard no_grad;
    for (ParamGroup& group : groups_) {
      for (auto& [name, parameter] : group.params) {
        if (!parameter.grad().defined()) continue;
        Tensor gradient = parameter.grad();
        if (group.weight_decay != 0) gradient = gradient.add(parameter, group.weight_decay);
        Slot& own = slot(name, parameter);
        own.step.add_(1);
        const double rate = group.lr / (1 + (own.step.item<double>() - 1) * lr_decay_);
        own.tensors[0].addcmul_(gradient, gradient, 1);
        parameter.addcdiv_(gradient, own.tensors[0].sqrt().add_(epsilon_), -rate);
      }
    }
  }

 private:
  double lr_decay_, epsilon_;
};

std::unique_ptr<Optimizer> make(std::vector<ParamGroup> groups, const OptimizerOptions& options) {
  return std::make_unique<Adagrad>(std::move(groups), OptimizerArgs(options.args, "adagrad", {"lr_decay", "eps"}));
}
}  // namespace

extern const OptimizerEntry entry_adagrad;
const OptimizerEntry entry_adagrad{"adagrad", "Adagrad", make};

}  // namespace lf
