// Gated DeltaNet (Yang et al. 2024, arXiv 2412.06464): Qwen3-Next's and Qwen3.5's linear attention.
#pragma once
#include "layers/mixer.h"

namespace lf {

struct GatedDeltaSpec : MixerSpec {
  enum class Layout {
    kGrouped,   // in_proj_qkvz and in_proj_ba: for each key head its query, key, values and gates (Qwen3-Next)
    kSeparate,  // in_proj_qkv, in_proj_z, in_proj_b, in_proj_a (Qwen3.5)
  };
  int64_t key_heads = 16, value_heads = 32;
  int64_t key_dim = 128, value_dim = 128;  // of a head
  int64_t conv_width = 4;
  double norm_eps = 1e-6;
  Layout layout = Layout::kGrouped;

  std::string name() const override { return "linear_attn"; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

}  // namespace lf
