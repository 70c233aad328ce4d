// LFM2's double-gated short convolution: out(c * conv(b * x)) where b, c, x are projections of the input.
#pragma once
#include "layers/mixer.h"

namespace lf {

struct ShortConvSpec : MixerSpec {
  int64_t width = 3;  // tokens
  bool bias = false;

  std::string name() const override { return "conv"; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

}  // namespace lf
