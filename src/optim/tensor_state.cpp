#include "optim/tensor_state.h"

#include "base/error.h"

namespace lf {

TensorStateOptimizer::Slot& TensorStateOptimizer::slot(const std::string& name, const Tensor& parameter) {
  Slot& slot = slots_[name];
  if (slot.step.defined()) return slot;
  slot.step = at::zeros({}, parameter.options().dtype(at::kFloat));
  for (size_t i = 0; i < kinds_.size(); ++i) slot.tensors.push_back(at::zeros_like(parameter.detach()));
  return slot;
}

std::vector<std::pair<std::string, Tensor>> TensorStateOptimizer::state() {
  std::vector<std::pair<std::string, Tensor>> out;
  for (const ParamGroup& group : groups_) {
    for (const auto& [name, parameter] : group.params) {
      const auto found = slots_.find(name);
      if (found == slots_.end()) continue;
      out.emplace_back("step/" + name, found->second.step);
      for (size_t i = 0; i < kinds_.size(); ++i) out.emplace_back(kinds_[i] + "/" + name, found->second.tensors[i]);
    }
  }
  return out;
}

void TensorStateOptimizer::load_state(const std::vector<std::pair<std::string, Tensor>>& tensors) {
  at::NoGradGuard no_grad;
  std::map<std::string, Tensor> given(tensors.begin(), tensors.end());
  std::map<std::string, Slot> loaded;
  size_t used = 0;
  for (const ParamGroup& group : groups_) {
    for (const auto& [name, parameter] : group.params) {
      const auto step = given.find("step/" + name);
      if (step == given.end()) continue;  // had no gradient yet
      Slot slot;
      slot.step = checked(step->first, step->second, at::empty({}, parameter.options().dtype(at::kFloat)));
      for (const std::string& kind : kinds_) {
        const auto found = given.find(kind + "/" + name);
        LF_CHECK(kFormat, found != given.end(), "optimizer state: '{}/{}' is missing", kind, name);
        slot.tensors.push_back(checked(found->first, found->second, parameter));
      }
      used += 1 + kinds_.size();
      loaded[name] = std::move(slot);
    }
  }
  LF_CHECK(kFormat, used == given.size(),
           "optimizer state has {} tensors but {} belong to the parameters that are trained now", given.size(), used);
  slots_ = std::move(loaded);
}

Tensor TensorStateOptimizer::checked(const std::string& key, const Tensor& given, const Tensor& parameter) const {
  LF_CHECK(kFormat, given.sizes() == parameter.sizes() && given.scalar_type() == parameter.scalar_type(),
           "optimizer state: '{}' is {} of {} numbers in {} dimensions, which does not fit its parameter", key,
           c10::toString(given.scalar_type()), given.numel(), given.dim());
  return given.to(parameter.device()).clone();
}

}  // namespace lf
