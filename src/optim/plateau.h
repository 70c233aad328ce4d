// reduce_lr_on_plateau: torch.optim.lr_scheduler.ReduceLROnPlateau. Unlike the other schedules it has a memory: the
// trainer shows it the metric of each evaluation.
#pragma once
#include <map>
#include <string>

#include "optim/schedule.h"

namespace lf {

class Plateau {
 public:
  /// kwargs: mode (min, max), factor, patience, threshold, threshold_mode (rel, abs), cooldown, min_lr, eps; kConfig.
  explicit Plateau(const ScheduleOptions& options);
  /// After an evaluation.
  void step(double metric);
  /// The rate that the next optimizer step uses.
  double rate() const { return rate_; }
  /// rate() over the base rate.
  double factor() const { return base_ > 0 ? rate_ / base_ : 1.0; }

  /// What a resumed run needs, by name; NaN and infinities do not occur.
  std::map<std::string, double> state() const;
  /// kFormat when a name is missing.
  void load_state(const std::map<std::string, double>& state);

 private:
  bool better(double metric) const;

  double base_, rate_;
  bool smaller_is_better_ = true, relative_ = true;
  double reduction_ = 0.1, patience_ = 10, threshold_ = 1e-4, cooldown_ = 0, min_rate_ = 0, eps_ = 1e-8;
  bool has_best_ = false;
  double best_ = 0, bad_epochs_ = 0, cooldown_left_ = 0;
};

}  // namespace lf
