// `lr_scheduler_type: warmup_stable_decay`: warm-up, a plateau, decay. Settings: num_stable_steps (a third of what
// follows the warm-up), num_decay_steps (the rest), warmup_type (linear), decay_type (cosine; both also cosine, 1-sqrt
// or linear), min_lr_ratio (0), num_cycles (0.5).
#include "optim/schedule_options.h"

namespace lf {

namespace {
const std::vector<std::string> kShapes{"linear", "cosine", "1-sqrt"};

double rising(const std::string& shape, double progress) {
  if (shape == "linear") return progress;
  if (shape == "cosine") return 0.5 * (1.0 - std::cos(M_PI * progress));
  return 1.0 - std::sqrt(1.0 - progress);
}

double falling(const std::string& shape, double progress, double cycles) {
  if (shape == "linear") return 1.0 - progress;
  if (shape == "cosine") return 0.5 * (1.0 + std::cos(M_PI * cycles * 2.0 * progress));
  return 1.0 - std::sqrt(progress);
}

double part(int64_t done, int64_t of) {
  return static_cast<double>(done) / static_cast<double>(std::max<int64_t>(1, of));
}

Schedule make(const ScheduleOptions& options) {
  const ScheduleKwargs kwargs(
      options, "warmup_stable_decay",
      {"num_stable_steps", "num_decay_steps", "warmup_type", "decay_type", "min_lr_ratio", "num_cycles"});
  const int64_t warmup = options.warmup_steps, rest = options.total_steps - warmup;
  const int64_t third = rest >= 0 ? rest / 3 : -((-rest + 2) / 3);
  const int64_t stable = static_cast<int64_t>(kwargs.number("num_stable_steps", static_cast<double>(third)));
  const int64_t decay = static_cast<int64_t>(kwargs.number("num_decay_steps", static_cast<double>(rest - third)));
  const std::string up = kwargs.choice("warmup_type", "linear", kShapes);
  const std::string down = kwargs.choice("decay_type", "cosine", kShapes);
  const double floor = kwargs.number("min_lr_ratio", 0), cycles = kwargs.number("num_cycles", 0.5);
  return [=](int64_t step) {
    if (step < warmup) return std::max(0.0, rising(up, part(step, warmup)) * (1.0 - floor) + floor);
    if (step < warmup + stable) return 1.0;
    if (step >= warmup + stable + decay) return floor;
    const double progress = part(step - warmup - stable, decay);
    return std::max(0.0, falling(down, progress, cycles) * (1.0 - floor) + floor);
  };
}
}  // namespace

extern const ScheduleEntry entry_warmup_stable_decay;
const ScheduleEntry entry_warmup_stable_decay{"warmup_stable_decay", "warm-up, a plateau, then decay", make};

}  // namespace lf
