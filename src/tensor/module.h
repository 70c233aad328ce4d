// The tree of layers: named parameters in checkpoint names, and hooks around each layer (sharding, offload, profiling).
// Modules own their children as members and register them by address; they are neither copied nor moved.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

class Module;

/// How checkpoints hold a parameter, where it is not one tensor of the same shape.
struct StoredAs {
  bool transposed = false;  // a matrix is stored in x out (GPT-2's Conv1D)
  /// The parameter is cut along its leading dimension(s) into this many equal parts of consecutive memory, each stored
  /// by itself under a name relative to the owner: experts of a mixture, "3.gate_proj.weight". A '^' in front goes up
  /// one level: "^mixture.3.gate_proj.weight". Empty = one tensor.
  std::vector<std::string> parts;
  std::vector<int64_t> part_shape;  // of each part
};

/// A parameter found in the tree. `tensor` points into its owner, so it may be replaced (loading, dtype changes).
struct NamedParameter {
  std::string name;  // full checkpoint name, e.g. "model.layers.0.self_attn.q_proj.weight"
  Tensor* tensor = nullptr;
  Module* owner = nullptr;
  const StoredAs* stored = nullptr;  // null: as it is
  bool is_buffer = false;            // part of the checkpoint, but never trained
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

  /// Floating-point operations for each token of a sequence of `length` tokens in a forward pass, of this module alone
  /// without those below it (multiply and add count as two).
  virtual double flops_per_token(int64_t length) const { return 0; }

  /// Fills `value` (fp32, the parameter's shape) as the module is initialised before training from scratch; false = the
  /// model's rule (normal weights, norms 1, biases 0).
  virtual bool initialize(const NamedParameter& parameter, Tensor& value) const { return false; }

  /// Training or not, for this module alone (dropout and the like act only when training). See set_training_tree.
  virtual void set_training(bool training) {}

  /// Depth first, in registration order. A parameter registered twice (tied weights) is listed once, under its first
  /// name.
  std::vector<NamedParameter> named_parameters();
  /// The same with buffers: all that a checkpoint of this tree holds.
  std::vector<NamedParameter> named_tensors();
  /// This module ("" unless prefixed) and everything below it.
  std::vector<std::pair<std::string, Module*>> named_modules();

  /// Hooks of this module only; run in order of adding.
  void add_hook(ModuleHook hook) { hooks_.push_back(std::move(hook)); }
  void clear_hooks() { hooks_.clear(); }
  bool has_hooks() const { return !hooks_.empty(); }
  void run_hooks(HookPoint point);

 protected:
  void register_module(std::string name, Module& child) { children_.emplace_back(std::move(name), &child); }
  void register_parameter(std::string name, Tensor& tensor) {
    parameters_.push_back({std::move(name), &tensor, nullptr, false});
  }
  void register_parameter(std::string name, Tensor& tensor, StoredAs stored) {
    parameters_.push_back({std::move(name), &tensor, std::make_unique<StoredAs>(std::move(stored)), false});
  }
  void register_buffer(std::string name, Tensor& tensor, StoredAs stored = {}) {
    parameters_.push_back({std::move(name), &tensor, std::make_unique<StoredAs>(std::move(stored)), true});
  }
  /// The registered `name` stands for another tensor from now on.
  void reregister_parameter(std::string_view name, Tensor& tensor) {
    for (Slot& slot : parameters_) {
      if (slot.name == name) slot.tensor = &tensor;
    }
  }

 private:
  struct Slot {
    std::string name;
    Tensor* tensor;
    std::unique_ptr<StoredAs> stored;
    bool is_buffer;
  };
  void collect_parameters(const std::string& prefix, std::vector<NamedParameter>& out);
  void collect_modules(const std::string& prefix, std::vector<std::pair<std::string, Module*>>& out);

  std::vector<std::pair<std::string, Module*>> children_;
  std::vector<Slot> parameters_;
  std::vector<ModuleHook> hooks_;
};

/// set_training on `root` and everything below it.
void set_training_tree(Module& root, bool training);

}  // namespace lf
