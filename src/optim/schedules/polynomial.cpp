// `lr_scheduler_type: polynomial`: polynomial decay. Settings: lr_end (1e-7), power (1).
#include "optim/schedule_options.h"

namespace lf {

static Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(options, "polynomial", {"lr_end", "power"});
  const double end = kwargs.number("lr_end", 1e-7), start = options.base_lr;
  LF_CHECK(kConfig, start > end, "lr_scheduler_kwargs: lr_end ({}) must be smaller than learning_rate ({})", end,
           start);
  return [warmup = options.warmup_steps, total = options.total_steps, end, start,
          power = kwargs.number("power", 1)](int64_t step) {
    if (step < warmup) return warmup_factor(step, warmup);
    if (step > total || total == warmup) return end / start;
    const double remaining = 1 - static_cast<double>(step - warmup) / static_cast<double>(total - warmup);
    return ((start - end) * std::pow(remaining, power) + end) / start;
  };
}

extern const ScheduleEntry entry_polynomial;
const ScheduleEntry entry_polynomial{"polynomial", "linear warm-up, then polynomial decay to lr_end", make};

}  // namespace lf
