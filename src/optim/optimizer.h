// Optimizers: parameter groups in, in-place updates out. One file in methods/ = one optimizer.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace lf {

struct ParamGroup {
  std::vector<std::pair<std::string, Tensor>> params;  // name, leaf tensor (requires grad)
  double lr = 0;                                       // current rate; the schedule scales base_lr
  double base_lr = 0;
  double weight_decay = 0;
};

struct OptimizerOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  std::string args;  // optim_args: "a=1,b=2"
};

class Optimizer {
 public:
  explicit Optimizer(std::vector<ParamGroup> groups) : groups_(std::move(groups)) {}
  virtual ~Optimizer() = default;

  /// Updates every parameter that has a gradient.
  virtual void step() = 0;
  /// Everything beside the parameters that the next step depends on: "exp_avg/<name>", "step/<name>", ... Copies are
  /// not made.
  virtual std::vector<std::pair<std::string, Tensor>> state() = 0;
  /// Takes state as state() gave it (kFormat when names or shapes differ).
  virtual void load_state(const std::vector<std::pair<std::string, Tensor>>& tensors) = 0;

  void zero_grad();
  std::vector<ParamGroup>& groups() { return groups_; }

 protected:
  std::vector<ParamGroup> groups_;
};

struct OptimizerEntry {
  std::string_view name;  // `optim` value; dashes as underscores
  std::string_view help;
  std::unique_ptr<Optimizer> (*make)(std::vector<ParamGroup> groups, const OptimizerOptions& options);
};
std::span<const OptimizerEntry* const> all_optimizers();

/// Total L2 norm of all gradients (torch.nn.utils.clip_grad_norm_: norms in fp32, then the norm of norms); scales them
/// by max_norm / (norm + 1e-6) when that is below 1 and max_norm > 0. Returns the norm before clipping.
double clip_grad_norm(std::span<ParamGroup> groups, double max_norm);

}  // namespace lf
