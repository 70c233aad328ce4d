// The tensors that an optimizer keeps per parameter, by kind ("exp_avg") and parameter name.
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "optim/optimizer.h"

namespace lf {

/// An optimizer whose state is a fixed set of tensors per parameter, created at the parameter's first gradient.
class TensorStateOptimizer : public Optimizer {
 public:
  std::vector<std::pair<std::string, Tensor>> state() override;
  void load_state(const std::vector<std::pair<std::string, Tensor>>& tensors) override;

 protected:
  /// `kinds`: what is kept beside "step", e.g. {"exp_avg", "exp_avg_sq"}. Shaped and typed like the parameter.
  TensorStateOptimizer(std::vector<ParamGroup> groups, std::vector<std::string> kinds)
      : Optimizer(std::move(groups)), kinds_(std::move(kinds)) {}

  struct Slot {
    Tensor step;                  // scalar fp32: updates done so far
    std::vector<Tensor> tensors;  // in the order of `kinds`
  };
  /// The state of `name`, created with zeros when new.
  Slot& slot(const std::string& name, const Tensor& parameter);

 private:
  Tensor checked(const std::string& key, const Tensor& given, const Tensor& parameter) const;

  std::vector<std::string> kinds_;
  std::map<std::string, Slot> slots_;
};

}  // namespace lf
