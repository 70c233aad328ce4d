// Settings of schedules, and the pieces that several of them share.
#pragma once
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "optim/schedule.h"

namespace lf {

/// lr_scheduler_kwargs, checked.
class ScheduleKwargs {
 public:
  /// kConfig when a key is not in `known` (with the nearest names). `schedule` names it in messages.
  ScheduleKwargs(const ScheduleOptions& options, std::string schedule, std::vector<std::string> known);
  /// Absent, empty and null values count as not given; kConfig when a value is not a number.
  std::optional<double> optional(const std::string& key) const;
  double number(const std::string& key, double fallback) const { return optional(key).value_or(fallback); }
  /// kConfig when the value is not one of `choices`.
  std::string choice(const std::string& key, const std::string& fallback,
                     const std::vector<std::string>& choices) const;
  /// min_lr_rate, or min_lr over the base rate; kConfig unless exactly one of them is given.
  double min_rate(const ScheduleOptions& options) const;

 private:
  std::string schedule_;
  std::map<std::string, std::string> values_;
};

/// Linear warm-up: step / warmup.
double warmup_factor(int64_t step, int64_t warmup);
/// How much of the time after the warm-up has passed at `step`: 0 to 1, and beyond.
double schedule_progress(int64_t step, int64_t warmup, int64_t total);
/// Warm-up, then 0.5 (1 + cos(2 pi cycles progress)), scaled to end at `floor`.
Schedule cosine_schedule(const ScheduleOptions& options, double cycles, double floor);

}  // namespace lf
