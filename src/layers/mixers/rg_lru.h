// The recurrent block of Griffin (De et al. 2024, arXiv 2402.19427) as RecurrentGemma has it: a convolution and a real
// gated linear recurrent unit, beside a gate.
#pragma once
#include "layers/mixer.h"
#include "layers/specs.h"

namespace lf {

struct RgLruSpec : MixerSpec {
  int64_t width = 0, heads = 0;  // gates are block-diagonal: a block for each head
  int64_t conv_width = 4;
  Activation activation = Activation::kGeluTanh;

  std::string name() const override { return "temporal_block"; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

}  // namespace lf
