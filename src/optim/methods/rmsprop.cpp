// `optim: rmsprop`: torch.optim.RMSprop; optim_args: momentum, alpha, eps, centered.
#include "optim/optimizer_args.h"
#include "optim/tensor_state.h"

namespace lf {

namespace {
class RmsProp : public TensorStateOptimizer {
 public:
  RmsProp(std::vector<ParamGroup> groups, const OptimizerArgs& args)
      : TensorStateOptimizer(std::move(groups), kinds(args)),
        momentum_(args.number("momentum", 0)),
        alpha_(args.number("alpha", 0.99)),
        epsilon_(args.number("eps", 1e-8)),
        centered_(args.flag("centered")) {}

  void step() override {
    at::NoGradGuard no_grad;
    for (ParamGroup& group : groups_) {
      for (auto& [name, parameter] : group.params) {
        if (parameter.grad().defined()) update(group, name, parameter);
      }
    }
  }

 private:
  static std::vector<std::string> kinds(const OptimizerArgs& args) {
    std::vector<std::string> out{"square_avg"};
    if (args.number("momentum", 0) > 0) out.push_back("momentum_buffer");
    if (args.flag("centered")) out.push_back("grad_avg");
    return out;
  }

  void update(const ParamGroup& group, const std::string& name, Tensor& parameter) {
    Tensor gradient = parameter.grad();
    if (group.weight_decay != 0) gradient = gradient.add(parameter, group.weight_decay);
    Slot& own = slot(name, parameter);
    own.step.add_(1);
    Tensor& square = own.tensors[0];
    square.mul_(alpha_).addcmul_(gradient, gradient, 1 - alpha_);
    Tensor average = square;
    if (centered_) {
      Tensor& mean = own.tensors.back();
      mean.lerp_(gradient, 1 - alpha_);
      average = square.addcmul(mean, mean, -1);
    }
    const Tensor scale = average.sqrt().add_(epsilon_);
    if (momentum_ > 0) {
      own.tensors[1].mul_(momentum_).addcdiv_(gradient, scale);
      parameter.add_(own.tensors[1], -group.lr);
    } else {
      parameter.addcdiv_(gradient, scale, -group.lr);
    }
  }

  double momentum_, alpha_, epsilon_;
  bool centered_;
};

std::unique_ptr<Optimizer> make(std::vector<ParamGroup> groups, const OptimizerOptions& options) {
  return std::make_unique<RmsProp>(std::move(groups),
                                   OptimizerArgs(options.args, "rmsprop", {"momentum", "alpha", "eps", "centered"}));
}
}  // namespace

extern const OptimizerEntry entry_rmsprop;
const OptimizerEntry entry_rmsprop{"rmsprop", "RMSprop", make};

}  // namespace lf
