// Mamba-2 (Dao & Gu 2024, arXiv 2405.21060) as it stands in Falcon-H1, Bamba, Granite 4, Nemotron-H, Zamba2 and Mamba-2
// itself.
#pragma once
#include <array>
#include <limits>
#include <optional>

#include "layers/mixer.h"
#include "layers/mixers/recurrent_parts.h"

namespace lf {

struct Mamba2Spec : MixerSpec {
  std::string module_name = "mamba";
  int64_t heads = 0, head_dim = 0, groups = 1, state = 0;
  int64_t conv_width = 4;
  bool conv_bias = true, in_bias = false, out_bias = false;
  std::optional<GatedNormSpec> norm = GatedNormSpec{};  // absent: the output is only gated
  double least_step = 0, most_step = std::numeric_limits<double>::infinity();
  double input_multiplier = 1;
  std::array<double, 5> multipliers = {1, 1, 1, 1, 1};  // of gate, x, b, c, step size
  StepRange initial_steps;
  bool unit_step_bias = false;  // step biases start at 1 instead

  int64_t inner() const { return heads * head_dim; }
  std::string name() const override { return module_name; }
  std::unique_ptr<Mixer> build(const LayerPlace& place) const override;
  std::string describe() const override;
  void validate() const override;
};

}  // namespace lf
