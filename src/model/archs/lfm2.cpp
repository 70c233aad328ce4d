// LFM2: short gated convolutions, with attention in some layers.
#include "base/error.h"
#include "layers/mixers/short_conv_mixer.h"
#include "model/hybrid_config.h"

namespace lf {

static int64_t adjusted_width(const Json& config, int64_t width) {
  if (!bool_or(config, "block_auto_adjust_ff_dim", true)) return width;
  const int64_t multiple = int_or(config, "block_multiple_of", 256);
  LF_CHECK(kFormat, multiple > 0, "config.json: block_multiple_of must be positive but is {}", multiple);
  width = 2 * width / 3;
  width = static_cast<int64_t>(number_or(config, "block_ffn_dim_multiplier", 1.0) * static_cast<double>(width));
  return (width + multiple - 1) / multiple * multiple;
}

static ModelSpec describe(const Json& config) {
  ModelSpec spec = lfm2_spec(config);
  spec.mlp.intermediate_size = adjusted_width(config, spec.mlp.intermediate_size);
  return spec;
}

extern const ArchEntry entry_lfm2;
constinit const ArchEntry entry_lfm2{.name = "lfm2", .describe = describe};

}  // namespace lf
