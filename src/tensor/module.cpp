// Walking the tree of modules.
#include "tensor/module.h"

#include <unordered_set>

namespace lf {

static std::string joined(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : name.empty() ? prefix : prefix + "." + name;
}

std::vector<NamedParameter> Module::named_parameters() {
  std::vector<NamedParameter> all = named_tensors();
  std::erase_if(all, [](const NamedParameter& parameter) { return parameter.is_buffer; });
  return all;
}

std::vector<NamedParameter> Module::named_tensors() {
  std::vector<NamedParameter> all;
  collect_parameters("", all);
  std::vector<NamedParameter> unique;
  std::unordered_set<const Tensor*> seen;
  for (NamedParameter& parameter : all) {
    if (seen.insert(parameter.tensor).second) unique.push_back(std::move(parameter));
  }
  return unique;
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> out;
  collect_modules("", out);
  return out;
}

void Module::run_hooks(HookPoint point) {
  for (const ModuleHook& hook : hooks_) hook(*this, point);
}

void Module::collect_parameters(const std::string& prefix, std::vector<NamedParameter>& out) {
  for (const Slot& slot : parameters_) {
    if (slot.tensor->defined())
      out.push_back({joined(prefix, slot.name), slot.tensor, this, slot.stored.get(), slot.is_buffer});
  }
  for (const auto& [name, child] : children_) child->collect_parameters(joined(prefix, name), out);
}

void Module::collect_modules(const std::string& prefix, std::vector<std::pair<std::string, Module*>>& out) {
  out.emplace_back(prefix, this);
  for (const auto& [name, child] : children_) child->collect_modules(joined(prefix, name), out);
}

void set_training_tree(Module& root, bool training) {
  for (auto& [name, module] : root.named_modules()) module->set_training(training);
}

}  // namespace lf
