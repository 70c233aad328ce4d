// MiniMax's lightning attention (Qin et al. 2024, arXiv 2401.04658): linear attention whose heads forget at fixed
// rates, slower in deeper layers.
#pragma once
#include "layers/mixer.h"
#include "layers/specs.h"

namespace lf {

struct LightningSpec : MixerSpec {
  int64_t heads = 0, head_dim = 0;
  int64_t layers = 0;  // of the model: rates depend on the depth
  Activation activation = Activation::kSilu;

  std::string name() const override { return "self_attn"; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

}  // namespace lf
