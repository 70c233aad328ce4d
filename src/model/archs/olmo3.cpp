// OLMo 3: OLMo 2 with a sliding window in three of four layers, whose rotary positions are never scaled.
#include "model/family_parts.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = olmo2_spec(config);
  const int64_t window = int_or(config, "sliding_window", 4096);
  const std::vector<bool> sliding = sliding_layers(config, spec.layers.size(), 4);
  RopeSpec local;
  local.theta = spec.rope().theta;
  spec.ropes.push_back(local);
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (!sliding[i]) continue;
    spec.layers[i].window = window;
    spec.layers[i].rope = 1;
  }
  return spec;
}

extern const ArchEntry entry_olmo3;
constinit const ArchEntry entry_olmo3{.name = "olmo3", .describe = describe};

}  // namespace lf
