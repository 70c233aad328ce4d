// Mamba (Gu & Dao 2023, arXiv 2312.00752) as it stands in Jamba, Falcon Mamba and Mamba itself.
#pragma once
#include <optional>

#include "layers/mixer.h"
#include "layers/mixers/recurrent_parts.h"

namespace lf {

struct MambaSpec : MixerSpec {
  enum class InnerNorm {
    kNone,
    kLearned,  // dt_layernorm, b_layernorm, c_layernorm (Jamba)
    kPlain,    // RMS without weights (Falcon Mamba)
  };
  std::string module_name = "mamba";
  int64_t inner = 0, state = 16, step_rank = 0;
  int64_t conv_width = 4;
  bool conv_bias = true, bias = false;
  InnerNorm inner_norm = InnerNorm::kNone;
  double inner_norm_eps = 1e-6;
  std::optional<StepRange> initial_steps;  // how step sizes start; absent: like any other layer

  std::string name() const override { return module_name; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

}  // namespace lf
