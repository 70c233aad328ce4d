// Mamba (Gu & Dao 2023, arXiv 2312.00752).
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) { return mamba_spec(config, MambaSpec::InnerNorm::kNone); }

extern const ArchEntry entry_mamba;
constinit const ArchEntry entry_mamba{.name = "mamba", .describe = describe};

}  // namespace lf
