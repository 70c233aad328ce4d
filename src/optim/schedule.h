// Learning-rate schedules as transformers defines them: a factor on the base rate for each optimizer step. One file in
// schedules/ each.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lf {

struct ScheduleOptions {
  int64_t warmup_steps = 0;
  int64_t total_steps = 0;
  double base_lr = 0;
  std::map<std::string, std::string> kwargs;  // lr_scheduler_kwargs, values as text
};

/// step (0-based, the step about to be taken) -> factor on base_lr. Pure, so resuming needs only the step
/// (reduce_lr_on_plateau keeps state and has an interface of its own in plateau.h).
using Schedule = std::function<double(int64_t step)>;

struct ScheduleEntry {
  std::string_view name;  // lr_scheduler_type
  std::string_view help;
  Schedule (*make)(const ScheduleOptions& options);
};
std::span<const ScheduleEntry* const> all_schedules();

/// Steps of warm-up as transformers 5 reads `warmup_steps`: below 1 it is a part of all steps (rounded up), else a
/// count.
int64_t warmup_steps(double value, int64_t total_steps);
/// The same with the older key `warmup_ratio`, which wins where it is given.
int64_t warmup_steps(double value, std::optional<double> ratio, int64_t total_steps);

}  // namespace lf
