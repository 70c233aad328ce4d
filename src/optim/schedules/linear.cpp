// `lr_scheduler_type: linear`: linear warm-up, then linear decay to 0.
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  ScheduleKwargs(options, "linear", {});
  return [warmup = options.warmup_steps, total = options.total_steps](int64_t step) {
    if (step < warmup) return warmup_factor(step, warmup);
    return std::max(0.0, static_cast<double>(total - step) / static_cast<double>(std::max<int64_t>(1, total - warmup)));
  };
}

extern const ScheduleEntry entry_linear;
const ScheduleEntry entry_linear{"linear", "linear warm-up, then linear decay to 0", make};

}  // namespace lf
