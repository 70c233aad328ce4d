// A mixture of experts: a router, experts with stacked weights, and experts that every token goes through. Parameters
// carry transformers' in-memory names (version 5); StoredAs says how checkpoints hold them.
#pragma once
#include <functional>
#include <memory>

#include "layers/feed_forward.h"
#include "layers/mlp.h"
#include "layers/moe/router.h"
#include "layers/specs.h"

namespace lf {

enum class StoredExperts {
  kStacked,       // as in memory
  kOnePerExpert,  // a matrix for each expert and projection
};

struct ExpertsSpec {
  int64_t count = 0;
  int64_t width = 0;  // F, of one expert
  Activation activation = Activation::kSilu;
  bool gated = true;  // the first matrix gives gate and up; otherwise up alone
  bool clamped =
      false;  // gpt-oss: gate and up alternate, are cut to `limit`, and give (up + 1) gate sigmoid(alpha gate)
  double limit = 7.0, alpha = 1.702;
  bool transposed = false;  // matrices are in x out
  bool bias = false;        // names below with "_bias"
  bool weigh_input = false;
  std::string up = "experts.gate_up_proj", down = "experts.down_proj";  // relative to the mixture
  StoredExperts stored = StoredExperts::kOnePerExpert;
  std::string stored_prefix;  // of one expert's matrices, relative to `up`'s owner ('^' goes up one level)
  MlpNames stored_names;      // of one expert's matrices
};

struct MoeSpec final : FeedForwardSpec {
  std::string module;  // name in the block; "" = the block's name for its feed-forward part
  RouterSpec router;
  ExpertsSpec experts;
  std::optional<MlpSpec> shared;  // what every token goes through, added to the experts' output
  std::string shared_name = "shared_experts";
  std::string shared_gate;  // a linear layer whose sigmoid multiplies the shared output; "" = none (Qwen2-MoE)
  double jitter = 0;        // in training the input is multiplied by uniform(1 - jitter, 1 + jitter)
  int jitter_times = 1;

  std::string name() const override { return module; }
  std::unique_ptr<FeedForward> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

class MixtureOfExperts : public FeedForward {
 public:
  MixtureOfExperts(const MoeSpec& spec, const LayerPlace& place);
  std::string_view kind() const override { return "MoE"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t length) const override;
  bool initialize(const NamedParameter& parameter, Tensor& value) const override;

  /// x: N D -> N D.
  Tensor forward(const Tensor& x, const LayerContext& context) override;

 private:
  void add_experts();
  Tensor shared_output(const Tensor& x);

  MoeSpec spec_;
  LayerPlace place_;
  bool training_ = false;
  Router router_;
  Tensor up_, down_, up_bias_, down_bias_;
  std::function<Tensor(const Tensor&)> activation_;
  std::unique_ptr<Mlp> shared_;
  std::unique_ptr<Linear> shared_gate_;
};

}  // namespace lf
