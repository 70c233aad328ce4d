// `lr_scheduler_type: cosine_with_restarts`: cosine with hard restarts. Setting: num_cycles (1).
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(options, "cosine_with_restarts", {"num_cycles"});
  return [warmup = options.warmup_steps, total = options.total_steps,
          cycles = kwargs.number("num_cycles", 1)](int64_t step) {
    if (step < warmup) return warmup_factor(step, warmup);
    const double progress = schedule_progress(step, warmup, total);
    if (progress >= 1.0) return 0.0;
    return std::max(0.0, 0.5 * (1.0 + std::cos(M_PI * std::fmod(cycles * progress, 1.0))));
  };
}

extern const ScheduleEntry entry_cosine_with_restarts;
const ScheduleEntry entry_cosine_with_restarts{"cosine_with_restarts", "linear warm-up, then num_cycles cosines to 0",
                                               make};

}  // namespace lf
