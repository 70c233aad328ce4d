// Chooses the experts of each token. Legend: N tokens, D model, X experts, K chosen.
#pragma once
#include <memory>

#include "layers/linear.h"
#include "layers/moe/router_spec.h"
#include "tensor/module.h"

namespace lf {

struct Routing {
  Tensor ids;      // N K int64
  Tensor weights;  // N K fp32
};

class Router : public Module {
 public:
  Router(const RouterSpec& spec, int64_t hidden_size, int64_t experts);
  std::string_view kind() const override { return "Router"; }
  void set_training(bool training) override { training_ = training; }
  double flops_per_token(int64_t) const override { return linear_ ? 0 : 2.0 * hidden_size_ * experts_; }

  /// x: N D -> N X.
  Tensor logits(const Tensor& x);
  /// The choice that follows from logits: N X.
  Routing route(const Tensor& logits) const;
  /// X or 1 X; undefined without one.
  Tensor& correction_bias() { return correction_bias_; }
  /// What the mixture registers under the router's name: the router, or the linear layer that stands in its place.
  Module& registered() {
    const bool is_linear = spec_.form == RouterForm::kLinear || spec_.form == RouterForm::kCalledLinear;
    return is_linear ? static_cast<Module&>(*linear_) : *this;
  }

 private:
  void add_correction_bias();
  Tensor masked_by_group(const Tensor& scores) const;
  Routing weighed(const Tensor& scores, const Tensor& choice) const;

  RouterSpec spec_;
  int64_t hidden_size_, experts_;
  bool training_ = false;
  Tensor weight_, bias_;    // X D, X
  Tensor correction_bias_;  // X, or 1 X
  std::unique_ptr<Linear> linear_;
};

/// SparseMixer as transformers computes it. logits: N X -> ids and weights, N 2. In training experts are drawn (Gumbel
/// noise) and the gradient of the discrete choice is estimated (Heun's third-order method).
Routing sparse_mixer(const Tensor& logits, double epsilon, bool training);

}  // namespace lf
