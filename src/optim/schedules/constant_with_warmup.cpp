// `lr_scheduler_type: constant_with_warmup`: linear warm-up, then the base rate.
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  return [warmup = options.warmup_steps](int64_t step) { return step < warmup ? warmup_factor(step, warmup) : 1.0; };
}

extern const ScheduleEntry entry_constant_with_warmup;
const ScheduleEntry entry_constant_with_warmup{"constant_with_warmup", "linear warm-up, then the base rate", make};

}  // namespace lf
