// Falcon Mamba (arXiv 2410.05355): Mamba whose step sizes, inputs and outputs are normed.
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) { return mamba_spec(config, MambaSpec::InnerNorm::kPlain); }

extern const ArchEntry entry_falcon_mamba;
constinit const ArchEntry entry_falcon_mamba{.name = "falcon_mamba", .describe = describe};

}  // namespace lf
