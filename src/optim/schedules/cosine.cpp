// `lr_scheduler_type: cosine`: linear warm-up, then a cosine to 0. Setting: num_cycles (0.5).
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(options, "cosine", {"num_cycles"});
  return cosine_schedule(options, kwargs.number("num_cycles", 0.5), 0.0);
}

extern const ScheduleEntry entry_cosine;
const ScheduleEntry entry_cosine{"cosine", "linear warm-up, then a cosine to 0", make};

}  // namespace lf
