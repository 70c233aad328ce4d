// Granite 3: the Llama block with four multipliers.
#include "model/arch.h"

namespace lf {

static ModelSpec describe(const Json& config) {
  ModelSpec spec = llama_spec(config);
  set_granite_multipliers(config, spec);
  return spec;
}

extern const ArchEntry entry_granite;
constinit const ArchEntry entry_granite{.name = "granite", .describe = describe};

}  // namespace lf
