// `optim: sgd`: torch.optim.SGD; optim_args: momentum, dampening, nesterov.
#include "base/error.h"
#include "optim/optimizer_args.h"
#include "optim/tensor_state.h"

namespace lf {

namespace {
class Sgd : public TensorStateOptimizer {
 public:
  Sgd(std::vector<ParamGroup> groups, const OptimizerArgs& args)
      : TensorStateOptimizer(std::move(groups), kinds(args)),
        momentum_(args.number("momentum", 0)),
        dampening_(args.number("dampening", 0)),
        nesterov_(args.flag("nesterov")) {
    LF_CHECK(kConfig, !nesterov_ || (momentum_ > 0 && dampening_ == 0),
             "optim_args: nesterov needs momentum above 0 and dampening 0");
  }

  void step() override {
    at::NoGradGuard no_grad;
    for (ParamGroup& group : groups_) {
      for (auto& [name, parameter] : group.params) {
        if (parameter.grad().defined()) parameter.add_(direction(group, name, parameter), -group.lr);
      }
    }
  }

 private:
  static std::vector<std::string> kinds(const OptimizerArgs& args) {
    return args.number("momentum", 0) != 0 ? std::vector<std::string>{"momentum_buffer"} : std::vector<std::string>{};
  }

  Tensor direction(const ParamGroup& group, const std::string& name, const Tensor& parameter) {
    Tensor gradient = parameter.grad();
    if (group.weight_decay != 0) gradient = gradient.add(parameter, group.weight_decay);
    Slot& own = slot(name, parameter);
    own.step.add_(1);
    if (momentum_ == 0) return gradient;
    Tensor& buffer = own.tensors[0];
    if (own.step.item<float>() == 1) {
      buffer.copy_(gradient);
    } else {
      buffer.mul_(momentum_).add_(gradient, 1 - dampening_);
    }
    return nesterov_ ? gradient.add(buffer, momentum_) : buffer;
  }

  double momentum_, dampening_;
  bool nesterov_;
};

std::unique_ptr<Optimizer> make(std::vector<ParamGroup> groups, const OptimizerOptions& options) {
  return std::make_unique<Sgd>(std::move(groups),
                               OptimizerArgs(options.args, "sgd", {"momentum", "dampening", "nesterov"}));
}
}  // namespace

extern const OptimizerEntry entry_sgd;
const OptimizerEntry entry_sgd{"sgd", "stochastic gradient descent, with momentum where optim_args gives it", make};

}  // namespace lf
