#include "adapters/full_copies.h"

#include <unordered_set>

#include "adapters/module_match.h"
#include "base/error.h"

namespace lf {

namespace {
/// Ends the sharing of weights between a head and anything in `modules`, so that a copy of one leaves the other alone.
void untie_heads(Module& model, const std::vector<std::pair<std::string, Module*>>& modules) {
  std::unordered_set<const Tensor*> touched;
  for (const auto& [path, module] : modules) {
    for (const NamedParameter& parameter : module->named_parameters()) touched.insert(parameter.tensor);
  }
  for (const auto& [path, module] : model.named_modules()) {
    auto* linear = dynamic_cast<Linear*>(module);
    if (linear && linear->is_tied() && touched.count(&linear->weight())) linear->untie();
  }
}
}  // namespace

FullCopies::FullCopies(Module& model, const std::vector<std::string>& names, bool wide, bool trainable) {
  at::NoGradGuard no_grad;
  const auto modules = match_modules(model, names);
  untie_heads(model, modules);
  std::unordered_set<const Tensor*> seen;
  for (const auto& [path, module] : modules) {
    for (const NamedParameter& parameter : module->named_parameters()) {
      if (!seen.insert(parameter.tensor).second) continue;
      LF_CHECK(kUnsupported, !parameter.stored,
               "additional_target: '{}.{}' is stored in another shape than it is trained in, which adapters cannot "
               "hold yet; train it with finetuning_type: full",
               path, parameter.name);
      Copy copy{path + "." + parameter.name, parameter.tensor, *parameter.tensor, {}};
      const auto type = wide ? at::kFloat : copy.original.scalar_type();
      copy.tensor = copy.original.detach().to(type, /*non_blocking=*/false, /*copy=*/true).requires_grad_(trainable);
      *copy.slot = copy.tensor;
      copies_.push_back(std::move(copy));
    }
  }
}

void FullCopies::set_enabled(bool enabled) {
  for (Copy& copy : copies_) *copy.slot = enabled ? copy.tensor : copy.original;
}

void FullCopies::merge() {
  for (Copy& copy : copies_) *copy.slot = copy.tensor.detach().to(copy.original.scalar_type());
  copies_.clear();
}

}  // namespace lf
