// Qwen3.5 (text, dense): Qwen3-Next's hybrid of gated attention and gated delta rule with a dense MLP.
#include "model/hybrid_config.h"

namespace lf {

static ModelSpec describe(const Json& config) { return qwen_hybrid_spec(config, GatedDeltaSpec::Layout::kSeparate); }

extern const ArchEntry entry_qwen3_5_text;
constinit const ArchEntry entry_qwen3_5_text{.name = "qwen3_5_text", .describe = describe};

}  // namespace lf
