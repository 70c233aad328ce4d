// What mixes tokens with each other in a block: attention, or anything else (state spaces, convolutions, delta rules).
// A new kind is one file in layers/mixers/ (or in the architecture's own file): a Mixer, and a MixerSpec that builds
// it.
#pragma once
#include <memory>
#include <string>

#include "layers/context.h"
#include "tensor/module.h"

namespace lf {

class Mixer : public Module {
 public:
  /// x: N D -> N D, over the sequences of context.stream. With context.cache each sequence continues what the cache
  /// holds for it in this layer.
  virtual Tensor forward(const Tensor& x, const LayerContext& context) = 0;
};

/// Options of a mixer: immutable data, shared by layers. The implementation lives beside the Mixer.
class MixerSpec {
 public:
  virtual ~MixerSpec() = default;
  /// The module's name in the block: "linear_attn", "conv", "mamba".
  virtual std::string name() const = 0;
  virtual std::unique_ptr<Mixer> build(const LayerPlace& place) const = 0;
  /// One line for people: "gated delta rule, 16 key heads of 128, ...".
  virtual std::string describe() const = 0;
  /// Throws kFormat where sizes contradict each other.
  virtual void validate() const {}
};

}  // namespace lf
