#include "optim/adamw.h"

namespace lf {

namespace {
/// The lists that one fused call takes: parameters of one type on one device.
struct FusedLists {
  std::vector<Tensor> params, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, steps;
};
}  // namespace

void AdamW::step() {
  at::NoGradGuard no_grad;
  for (ParamGroup& group : groups_) {
    if (fused_) {
      fused_step(group);
    } else {
      plain_step(group);
    }
  }
}

void AdamW::fused_step(ParamGroup& group) {
  std::map<std::pair<std::string, c10::ScalarType>, FusedLists> buckets;
  for (auto& [name, parameter] : group.params) {
    const Tensor& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    Slot& own = slot(name, parameter);
    FusedLists& lists = buckets[{parameter.device().str(), parameter.scalar_type()}];
    lists.params.push_back(parameter);
    lists.grads.push_back(gradient);
    lists.exp_avgs.push_back(own.tensors[0]);
    lists.exp_avg_sqs.push_back(own.tensors[1]);
    lists.steps.push_back(own.step);
  }
  for (auto& [key, lists] : buckets) {
    at::_foreach_add_(lists.steps, 1);
    at::_fused_adamw_(lists.params, lists.grads, lists.exp_avgs, lists.exp_avg_sqs, lists.max_exp_avg_sqs, lists.steps,
                      group.lr, options_.beta1, options_.beta2, group.weight_decay, options_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
}

void AdamW::plain_step(ParamGroup& group) {
  for (auto& [name, parameter] : group.params) {
    const Tensor& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    Slot& own = slot(name, parameter);
    own.step.add_(1);
    const double step = own.step.item<double>();
    Tensor& exp_avg = own.tensors[0];
    Tensor& exp_avg_sq = own.tensors[1];
    parameter.mul_(1 - group.lr * group.weight_decay);
    exp_avg.lerp_(gradient, 1 - options_.beta1);
    exp_avg_sq.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
    const double correction1 = 1 - std::pow(options_.beta1, step);
    const double correction2 = std::sqrt(1 - std::pow(options_.beta2, step));
    const Tensor denominator = (exp_avg_sq.sqrt().div_(correction2)).add_(options_.epsilon);
    parameter.addcdiv_(exp_avg, denominator, -(group.lr / correction1));
  }
}

}  // namespace lf
