// The tree of layers: named parameters in checkpoint names, and hooks around each layer (sharding, offload, profiling).
// Modules own their children as members and register them by address; they are neither copied nor moved.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

class Module;

/// A parameter found in the tree. `tensor` points into its owner, so it may be replaced (loading, dtype changes).
struct NamedParameter {
  std::string name;  // full checkpoint name, e.g. "model.layers.0.self_attn.q_proj.weight"
  Tensor* tensor = nullptr;
  Module* owner = nullptr;
};

enum class HookPoint { kBeforeForward, kAfterForward, kBeforeBackward, kAfterBackward };
using ModuleHook = std::function<void(Module&, HookPoint)>;

class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// What this is, in HF's words where adapters match on it: "Linear", "Embedding", "RMSNorm", "DecoderLayer", ...
  virtual std::string_view kind() const { return "Module"; }

  /// Training or not, for this module alone (dropout and the like act only when training). See set_training_tree.
  virtual void set_training(bool training) {}

  /// Depth first, in registration order. A parameter registered twice (tied weights) is listed once, under its first
  /// name.
  std::vector<NamedParameter> named_parameters();
  /// This module ("" unless prefixed) and everything below it.
  std::vector<std::pair<std::string, Module*>> named_modules();

  /// Hooks of this module only; run in order of adding.
  void add_hook(ModuleHook hook) { hooks_.push_back(std::move(hook)); }
  void clear_hooks() { hooks_.clear(); }
  bool has_hooks() const { return !hooks_.empty(); }
  void run_hooks(HookPoint point);

 protected:
  void register_module(std::string name, Module& child) { children_.emplace_back(std::move(name), &child); }
  void register_parameter(std::string name, Tensor& tensor) { parameters_.emplace_back(std::move(name), &tensor); }
  /// The registered `name` stands for another tensor from now on.
  void reregister_parameter(std::string_view name, Tensor& tensor) {
    for (auto& [known, slot] : parameters_) {
      if (known == name) slot = &tensor;
    }
  }

 private:
  void collect_parameters(const std::string& prefix, std::vector<NamedParameter>& out);
  void collect_modules(const std::string& prefix, std::vector<std::pair<std::string, Module*>>& out);

  std::vector<std::pair<std::string, Module*>> children_;
  std::vector<std::pair<std::string, Tensor*>> parameters_;
  std::vector<ModuleHook> hooks_;
};

/// set_training on `root` and everything below it.
void set_training_tree(Module& root, bool training);

}  // namespace lf
