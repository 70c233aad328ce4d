// Which parameters decay: transformers' default split (Trainer.get_decay_parameter_names).
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "optim/optimizer.h"
#include "tensor/module.h"

namespace lf {

/// False for biases and normalisation weights, by name: "bias", "layernorm", "rmsnorm" anywhere, a part that is "norm"
/// or ends in "_norm".
bool decays(std::string_view parameter_name);

/// Two groups, with and without decay, in the given order; both are always there (the first may be empty). base_lr =
/// lr.
std::vector<ParamGroup> make_param_groups(const std::vector<std::pair<std::string, Tensor>>& trainable, double lr,
                                          double weight_decay);
std::vector<ParamGroup> make_param_groups(const std::vector<NamedParameter>& trainable, double lr, double weight_decay);

}  // namespace lf
