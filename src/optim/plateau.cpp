#include "optim/plateau.h"

#include "optim/schedule_options.h"

namespace lf {

Plateau::Plateau(const ScheduleOptions& options) : base_(options.base_lr), rate_(options.base_lr) {
  const ScheduleKwargs kwargs(
      options, "reduce_lr_on_plateau",
      {"mode", "factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps"});
  smaller_is_better_ = kwargs.choice("mode", "min", {"min", "max"}) == "min";
  relative_ = kwargs.choice("threshold_mode", "rel", {"rel", "abs"}) == "rel";
  reduction_ = kwargs.number("factor", reduction_);
  patience_ = kwargs.number("patience", patience_);
  threshold_ = kwargs.number("threshold", threshold_);
  cooldown_ = kwargs.number("cooldown", cooldown_);
  min_rate_ = kwargs.number("min_lr", min_rate_);
  eps_ = kwargs.number("eps", eps_);
  LF_CHECK(kConfig, reduction_ < 1.0, "lr_scheduler_kwargs: factor must be below 1 but is {}", reduction_);
}

bool Plateau::better(double metric) const {
  if (!has_best_) return !std::isnan(metric);
  if (smaller_is_better_) return metric < (relative_ ? best_ * (1 - threshold_) : best_ - threshold_);
  return metric > (relative_ ? best_ * (1 + threshold_) : best_ + threshold_);
}

void Plateau::step(double metric) {
  if (better(metric)) {
    best_ = metric;
    has_best_ = true;
    bad_epochs_ = 0;
  } else {
    bad_epochs_ += 1;
  }
  if (cooldown_left_ > 0) {
    cooldown_left_ -= 1;
    bad_epochs_ = 0;
  }
  if (bad_epochs_ > patience_) {
    const double reduced = std::max(rate_ * reduction_, min_rate_);
    if (rate_ - reduced > eps_) rate_ = reduced;
    cooldown_left_ = cooldown_;
    bad_epochs_ = 0;
  }
}

std::map<std::string, double> Plateau::state() const {
  return {{"rate", rate_},
          {"has_best", has_best_ ? 1.0 : 0.0},
          {"best", best_},
          {"bad_epochs", bad_epochs_},
          {"cooldown_left", cooldown_left_}};
}

void Plateau::load_state(const std::map<std::string, double>& state) {
  auto take = [&](const char* name) {
    const auto found = state.find(name);
    LF_CHECK(kFormat, found != state.end(), "state of reduce_lr_on_plateau: '{}' is missing", name);
    return found->second;
  };
  rate_ = take("rate");
  has_best_ = take("has_best") != 0;
  best_ = take("best");
  bad_epochs_ = take("bad_epochs");
  cooldown_left_ = take("cooldown_left");
}

}  // namespace lf
