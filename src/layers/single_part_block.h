// A block of one part: x + part(norm(x)). Mamba's blocks, and Nemotron-H's, where attention and MLP stand in blocks of
// their own.
#pragma once
#include <memory>

#include "layers/decoder_layer.h"

namespace lf {

class SinglePartBlock : public DecoderLayer {
 public:
  struct Options {
    NormSpec norm;
    int64_t hidden_size = 0;
    bool fp32_residual = false;  // what is added up along the depth stays in fp32
  };
  /// One of the two parts, called "mixer".
  SinglePartBlock(const Options& options, std::unique_ptr<Mixer> mixer, std::unique_ptr<FeedForward> feed_forward);

 protected:
  Tensor compute(const Tensor& x, const LayerContext& context) override;

 private:
  bool fp32_residual_;
  Norm norm_;
  std::unique_ptr<Mixer> mixer_;
  std::unique_ptr<FeedForward> feed_forward_;
};

}  // namespace lf
