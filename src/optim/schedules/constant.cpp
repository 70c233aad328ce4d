// `lr_scheduler_type: constant`: the base rate throughout; neither warm-up nor settings.
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  return [](int64_t) { return 1.0; };
}

extern const ScheduleEntry entry_constant;
const ScheduleEntry entry_constant{"constant", "the base rate throughout", make};

}  // namespace lf
