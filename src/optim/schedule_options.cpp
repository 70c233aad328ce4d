#include "optim/schedule_options.h"

#include "base/strings.h"
#include "optim/text_number.h"

namespace lf {

int64_t warmup_steps(double value, int64_t total_steps) {
  LF_CHECK(kConfig, value >= 0, "warmup_steps must not be negative but is {}", value);
  return static_cast<int64_t>(value >= 1 ? value : std::ceil(static_cast<double>(total_steps) * value));
}

int64_t warmup_steps(double value, std::optional<double> ratio, int64_t total_steps) {
  return warmup_steps(ratio.value_or(value), total_steps);
}

ScheduleKwargs::ScheduleKwargs(const ScheduleOptions& options, std::string schedule, std::vector<std::string> known)
    : schedule_(std::move(schedule)) {
  for (const auto& [key, value] : options.kwargs) {
    LF_CHECK(kConfig, std::find(known.begin(), known.end(), key) != known.end(),
             "lr_scheduler_kwargs: {} does not take '{}'{} (known: {})", schedule_, printable(key),
             did_you_mean(key, known), known.empty() ? "none" : join(known, ", "));
    const std::string text(trim(value));
    if (!text.empty() && text != "null" && text != "None" && text != "~") values_[key] = text;
  }
}

std::optional<double> ScheduleKwargs::optional(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return parse_number(found->second, "lr_scheduler_kwargs: " + key);
}

std::string ScheduleKwargs::choice(const std::string& key, const std::string& fallback,
                                   const std::vector<std::string>& choices) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return fallback;
  LF_CHECK(kConfig, std::find(choices.begin(), choices.end(), found->second) != choices.end(),
           "lr_scheduler_kwargs: {} must be one of {} but is '{}'", key, join(choices, ", "), printable(found->second));
  return found->second;
}

double ScheduleKwargs::min_rate(const ScheduleOptions& options) const {
  const auto rate = optional("min_lr_rate"), absolute = optional("min_lr");
  LF_CHECK(kConfig, rate.has_value() != absolute.has_value(),
           "lr_scheduler_kwargs: {} needs exactly one of min_lr and min_lr_rate", schedule_);
  return rate ? *rate : *absolute / options.base_lr;
}

double warmup_factor(int64_t step, int64_t warmup) {
  return static_cast<double>(step) / static_cast<double>(std::max<int64_t>(1, warmup));
}

double schedule_progress(int64_t step, int64_t warmup, int64_t total) {
  return static_cast<double>(step - warmup) / static_cast<double>(std::max<int64_t>(1, total - warmup));
}

Schedule cosine_schedule(const ScheduleOptions& options, double cycles, double floor) {
  return [warmup = options.warmup_steps, total = options.total_steps, cycles, floor](int64_t step) {
    if (step < warmup) return warmup_factor(step, warmup);
    const double factor = 0.5 * (1.0 + std::cos(M_PI * cycles * 2.0 * schedule_progress(step, warmup, total)));
    return std::max(0.0, factor * (1 - floor) + floor);
  };
}

}  // namespace lf
