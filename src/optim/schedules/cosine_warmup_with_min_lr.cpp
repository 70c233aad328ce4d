// `lr_scheduler_type: cosine_warmup_with_min_lr`: cosine to a lower bound, with a warm-up that starts above 0.
// Settings: min_lr or min_lr_rate (one is needed), warmup_lr_rate, num_cycles (0.5).
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(options, "cosine_warmup_with_min_lr",
                              {"num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"});
  const double warmup = static_cast<double>(options.warmup_steps);
  const double decay = std::max(1.0, static_cast<double>(options.total_steps) - warmup);
  return [warmup, decay, floor = kwargs.min_rate(options), start = kwargs.optional("warmup_lr_rate"),
          cycles = kwargs.number("num_cycles", 0.5)](int64_t current) {
    const double step = static_cast<double>(current);
    if (step < warmup) {
      if (!start) return (step + 1.0) / std::max(1.0, warmup);
      return *start + (1.0 - *start) * step / std::max(1.0, warmup - 1);
    }
    const double progress = (step - warmup + 1.0) / decay;
    const double factor = 0.5 * (1.0 + std::cos(M_PI * cycles * 2.0 * progress));
    return std::max(0.0, factor * (1 - floor) + floor);
  };
}

extern const ScheduleEntry entry_cosine_warmup_with_min_lr;
const ScheduleEntry entry_cosine_warmup_with_min_lr{
    "cosine_warmup_with_min_lr", "warm-up from warmup_lr_rate, then a cosine to min_lr or min_lr_rate", make};

}  // namespace lf
