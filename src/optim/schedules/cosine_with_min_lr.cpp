// `lr_scheduler_type: cosine_with_min_lr`: cosine to a lower bound. Settings: min_lr or min_lr_rate (one is needed),
// num_cycles (0.5).
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(options, "cosine_with_min_lr", {"num_cycles", "min_lr", "min_lr_rate"});
  return cosine_schedule(options, kwargs.number("num_cycles", 0.5), kwargs.min_rate(options));
}

extern const ScheduleEntry entry_cosine_with_min_lr;
const ScheduleEntry entry_cosine_with_min_lr{"cosine_with_min_lr",
                                             "linear warm-up, then a cosine to min_lr or min_lr_rate", make};

}  // namespace lf
