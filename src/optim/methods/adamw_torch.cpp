// `optim: adamw_torch`: AdamW, operation by operation.
#include "optim/adamw.h"

namespace lf {

static std::unique_ptr<Optimizer> make(std::vector<ParamGroup> groups, const OptimizerOptions& options) {
  return std::make_unique<AdamW>(std::move(groups), options, /*fused=*/false);
}

extern const OptimizerEntry entry_adamw_torch;
const OptimizerEntry entry_adamw_torch{"adamw_torch", "AdamW", make};

}  // namespace lf
