// Linear = base weight (behind an interface, so that quantised weights fit) + bias + a list of adapters.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "layers/linear_adapter.h"
#include "tensor/module.h"

namespace lf {

/// How a base weight is stored and multiplied. Dense today; quantised schemes come behind the same face.
class WeightStorage {
 public:
  virtual ~WeightStorage() = default;
  /// x: ... in -> ... out, in x's dtype; gradients flow to x (and to the weight where it is trainable).
  virtual Tensor multiply(const Tensor& x, const Tensor& bias) const = 0;
  /// The dense out x in matrix (merging, export).
  virtual Tensor dense() const = 0;
};

class Linear : public Module {
 public:
  /// Parameters are created on the meta device; the loader fills `weight` (out in) and `bias` (out).
  /// `transposed`: checkpoints hold the weight as in x out (here it is out x in all the same).
  Linear(int64_t in_features, int64_t out_features, bool has_bias, bool transposed = false);
  /// Shares `tied_weight` (out in), which another module owns and which outlives this one: a language-model head on the
  /// embedding.
  explicit Linear(Tensor& tied_weight);

  std::string_view kind() const override { return "Linear"; }
  double flops_per_token(int64_t) const override { return 2.0 * in_features_ * out_features_; }
  int64_t in_features() const { return in_features_; }
  int64_t out_features() const { return out_features_; }

  /// x: ... in -> ... out. Runs in ComputeDtype::current() when one is set.
  Tensor forward(const Tensor& x);

  /// From now on every row of the weight is divided by its length before it multiplies (Baichuan 2's head).
  void normalize_rows() { normalized_ = true; }
  /// What multiplies: the weight, or its rows divided by their lengths (gradients flow through the division).
  Tensor effective_weight() const;
  /// The dense weight; undefined when a WeightStorage has taken its place.
  Tensor& weight() { return *weight_; }
  Tensor& bias() { return bias_; }
  bool has_bias() const { return has_bias_; }
  /// Checkpoints hold the weight as in x out (PEFT: fan_in_fan_out).
  bool is_transposed() const { return transposed_; }
  bool is_tied() const { return weight_ != &own_weight_; }
  /// Ends the sharing: from now on the weight is a tensor of its own, with the same values (and storage, until one is
  /// replaced).
  void untie() {
    own_weight_ = *weight_;
    weight_ = &own_weight_;
    reregister_parameter("weight", own_weight_);
  }
  /// To be called when weight() was replaced by one with another number of rows (a vocabulary that grew).
  void outputs_changed() { out_features_ = weight_->size(0); }
  /// Replaces the dense weight by other storage (quantisation).
  void set_storage(std::unique_ptr<WeightStorage> storage);
  const WeightStorage* storage() const { return storage_.get(); }

  /// Adapters apply in order; forward skips them while adapters_enabled is false (reference log-probabilities).
  void add_adapter(std::shared_ptr<LinearAdapter> adapter) { adapters_.push_back(std::move(adapter)); }
  std::vector<std::shared_ptr<LinearAdapter>>& adapters() { return adapters_; }
  void set_adapters_enabled(bool enabled) { adapters_enabled_ = enabled; }
  /// Whether its weight, its bias or an adapter's factors require gradients (an adapter without low-rank form counts as
  /// trainable).
  bool is_trainable() const;
  /// Dropout and the like act only when training.
  void set_training(bool training) override { training_ = training; }

 private:
  Tensor base_product(const Tensor& x) const;
  Tensor row_lengths() const;

  int64_t in_features_, out_features_;
  bool has_bias_, transposed_ = false;
  bool normalized_ = false;
  bool adapters_enabled_ = true;
  bool training_ = false;
  Tensor own_weight_, bias_;
  Tensor* weight_ = &own_weight_;
  std::unique_ptr<WeightStorage> storage_;
  std::vector<std::shared_ptr<LinearAdapter>> adapters_;
};

}  // namespace lf
