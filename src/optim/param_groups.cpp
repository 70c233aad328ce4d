#include "optim/param_groups.h"

#include "base/strings.h"

namespace lf {

bool decays(std::string_view parameter_name) {
  const std::string name = to_lower(parameter_name);
  for (std::string_view pattern : {"bias", "layernorm", "rmsnorm"}) {
    if (name.find(pattern) != std::string::npos) return false;
  }
  for (const std::string& part : split(name, '.')) {
    if (part == "norm" || part.ends_with("_norm")) return false;
  }
  return true;
}

std::vector<ParamGroup> make_param_groups(const std::vector<std::pair<std::string, Tensor>>& trainable, double lr,
                                          double weight_decay) {
  std::vector<ParamGroup> groups(2);
  for (ParamGroup& group : groups) group.lr = group.base_lr = lr;
  groups[0].weight_decay = weight_decay;
  for (const auto& parameter : trainable) groups[decays(parameter.first) ? 0 : 1].params.push_back(parameter);
  return groups;
}

std::vector<ParamGroup> make_param_groups(const std::vector<NamedParameter>& trainable, double lr,
                                          double weight_decay) {
  std::vector<std::pair<std::string, Tensor>> pairs;
  for (const NamedParameter& parameter : trainable) pairs.emplace_back(parameter.name, *parameter.tensor);
  return make_param_groups(pairs, lr, weight_decay);
}

}  // namespace lf
