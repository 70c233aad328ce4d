// What a block does to each token by itself: a dense MLP (layers/mlp.h) or a mixture of experts (layers/moe/).
#pragma once
#include <memory>
#include <string>

#include "layers/context.h"
#include "tensor/module.h"

namespace lf {

class FeedForward : public Module {
 public:
  /// x: N D -> N D.
  virtual Tensor forward(const Tensor& x, const LayerContext& context) = 0;
};

/// Options of a feed-forward part: immutable data, shared by layers.
class FeedForwardSpec {
 public:
  virtual ~FeedForwardSpec() = default;
  /// The module's name in the block; "" = the name that BlockSpec gives ("mlp").
  virtual std::string name() const { return ""; }
  virtual std::unique_ptr<FeedForward> build(const LayerPlace& place) const = 0;
  virtual std::string describe() const = 0;
  virtual void validate() const {}
};

}  // namespace lf
