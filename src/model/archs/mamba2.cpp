// Mamba-2 (Dao & Gu 2024, arXiv 2405.21060).
#include "base/error.h"
#include "layers/single_part_block.h"
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = backbone_spec(config);
  spec.tied_embeddings = bool_or(config, "tie_word_embeddings", false);
  Mamba2Spec mixer;
  mixer.heads = int_or(config, "num_heads", 128);
  mixer.head_dim = int_or(config, "head_dim", 64);
  LF_CHECK(kFormat, mixer.inner() == int_or(config, "expand", 2) * spec.hidden_size,
           "config.json: num_heads ({}) times head_dim ({}) must be expand times hidden_size", mixer.heads,
           mixer.head_dim);
  mixer.groups = int_or(config, "n_groups", 8);
  mixer.state = int_or(config, "state_size", 128);
  mixer.conv_width = int_or(config, "conv_kernel", 4);
  mixer.conv_bias = bool_or(config, "use_conv_bias", true);
  mixer.in_bias = mixer.out_bias = bool_or(config, "use_bias", false);
  mixer.norm = GatedNormSpec{.eps = spec.norm.eps};
  std::tie(mixer.least_step, mixer.most_step) = step_limits(config, "time_step_limit");
  mixer.initial_steps = {.least = number_or(config, "time_step_min", 0.001),
                         .most = number_or(config, "time_step_max", 0.1),
                         .floor = number_or(config, "time_step_floor", 1e-4)};
  mixer.validate();
  const bool wide = bool_or(config, "residual_in_fp32", true);
  for (LayerSpec& layer : spec.layers) {
    layer.mixer = std::make_shared<Mamba2Spec>(mixer);
    layer.build = [wide, mixer](const ModelSpec& model, const LayerPlace& place) -> std::unique_ptr<DecoderLayer> {
      return std::make_unique<SinglePartBlock>(SinglePartBlock::Options{model.norm, model.hidden_size, wide},
                                               mixer.build(place), nullptr);
    };
  }
  return spec;
}

extern const ArchEntry entry_mamba2;
constinit const ArchEntry entry_mamba2{.name = "mamba2", .describe = describe};

}  // namespace lf
