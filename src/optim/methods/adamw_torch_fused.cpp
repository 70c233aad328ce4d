// `optim: adamw_torch_fused`, the default: AdamW as one kernel over all parameters.
#include "optim/adamw.h"

namespace lf {

static std::unique_ptr<Optimizer> make(std::vector<ParamGroup> groups, const OptimizerOptions& options) {
  return std::make_unique<AdamW>(std::move(groups), options, /*fused=*/true);
}

extern const OptimizerEntry entry_adamw_torch_fused;
const OptimizerEntry entry_adamw_torch_fused{"adamw_torch_fused", "AdamW in one kernel", make};

}  // namespace lf
