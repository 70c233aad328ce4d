// One block of a decoder. TransformerBlock wires a mixer and a feed-forward part as BlockSpec says; a family whose
// wiring is its own brings another DecoderLayer.
#pragma once
#include <memory>

#include "layers/attention.h"
#include "layers/feed_forward.h"
#include "layers/mixer.h"
#include "layers/mlp.h"
#include "layers/norm.h"

namespace lf {

class DecoderLayer : public Module {
 public:
  std::string_view kind() const override { return "DecoderLayer"; }
  /// x: N D -> N D. Runs the layer's hooks before and after; its backward hooks run when gradients arrive and leave.
  Tensor forward(const Tensor& x, const LayerContext& context);

 protected:
  virtual Tensor compute(const Tensor& x, const LayerContext& context) = 0;
};

class TransformerBlock : public DecoderLayer {
 public:
  struct Options {
    BlockSpec block;
    NormSpec norm;
    int64_t hidden_size = 0;
  };
  /// `names`: what the two parts are called here (BlockSpec's names unless their specs say otherwise). Either part may
  /// be null: then the block has none.
  TransformerBlock(const Options& options, std::unique_ptr<Mixer> mixer, const std::string& mixer_name,
                   std::unique_ptr<FeedForward> feed_forward, const std::string& feed_forward_name);

 protected:
  Tensor compute(const Tensor& x, const LayerContext& context) override;

 private:
  std::unique_ptr<Norm> add_norm(const std::string& name, const Options& options);
  Tensor sequential(const Tensor& x, const LayerContext& context);
  Tensor parallel(const Tensor& x, const LayerContext& context);
  Tensor post_norm(const Tensor& x, const LayerContext& context);
  Tensor added(const Tensor& x, const Tensor& y) const;

  BlockSpec block_;
  std::unique_ptr<Mixer> mixer_;
  std::unique_ptr<FeedForward> feed_forward_;
  std::unique_ptr<Norm> mixer_norm_, mixer_post_norm_, feed_forward_norm_, feed_forward_post_norm_;
};

}  // namespace lf
