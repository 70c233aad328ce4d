// `lr_scheduler_type: reduce_lr_on_plateau`: the rate falls when an evaluation metric stalls. The trainer asks
// optim/plateau.h for the rate; before the first evaluation it is the base rate.
#include "optim/plateau.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  Plateau check_settings(options);
  return [](int64_t) { return 1.0; };
}

extern const ScheduleEntry entry_reduce_lr_on_plateau;
const ScheduleEntry entry_reduce_lr_on_plateau{"reduce_lr_on_plateau",
                                               "a smaller rate each time the evaluation metric stalls", make};

}  // namespace lf
