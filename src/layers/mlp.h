// The dense feed-forward part: gated or plain, gate and up as two matrices or one.
#pragma once
#include <memory>

#include "layers/activation.h"
#include "layers/feed_forward.h"
#include "layers/linear.h"
#include "layers/specs.h"

namespace lf {

class Mlp : public FeedForward {
 public:
  Mlp(const MlpSpec& spec, int64_t hidden_size);
  std::string_view kind() const override { return "MLP"; }
  /// x: N D -> N D.
  Tensor forward(const Tensor& x, const LayerContext& context) override;
  Tensor forward(const Tensor& x);

 private:
  Tensor inner(const Tensor& x);

  MlpSpec spec_;
  std::unique_ptr<Linear> gate_, up_, fused_;
  Linear down_;
  std::unique_ptr<Xielu> xielu_;
};

}  // namespace lf
