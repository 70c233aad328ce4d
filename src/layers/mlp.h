// Gated feed-forward: down(activation(gate(x)) * up(x)).
#pragma once
#include "layers/linear.h"
#include "layers/specs.h"

namespace lf {

class GatedMlp : public Module {
 public:
  GatedMlp(const MlpSpec& spec, int64_t hidden_size);
  std::string_view kind() const override { return "MLP"; }
  /// x: N D -> N D.
  Tensor forward(const Tensor& x);

 private:
  Activation activation_;
  Linear gate_proj_, up_proj_, down_proj_;
};

}  // namespace lf
