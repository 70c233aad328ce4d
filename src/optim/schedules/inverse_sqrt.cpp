// `lr_scheduler_type: inverse_sqrt`: decay by one over the square root. Setting: timescale (warm-up steps, or 10000).
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(options, "inverse_sqrt", {"timescale"});
  const double fallback = options.warmup_steps > 0 ? static_cast<double>(options.warmup_steps) : 10000.0;
  const double timescale = kwargs.number("timescale", fallback);
  LF_CHECK(kConfig, timescale > 0, "lr_scheduler_kwargs: timescale must be positive but is {}", timescale);
  return [warmup = options.warmup_steps, timescale](int64_t step) {
    if (step < warmup) return warmup_factor(step, warmup);
    const double shift = timescale - static_cast<double>(warmup);
    return 1.0 / std::sqrt((static_cast<double>(step) + shift) / timescale);
  };
}

extern const ScheduleEntry entry_inverse_sqrt;
const ScheduleEntry entry_inverse_sqrt{"inverse_sqrt",
                                       "linear warm-up, then decay by one over the square root of the step", make};

}  // namespace lf
