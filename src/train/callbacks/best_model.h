// Which evaluation was the best so far, and stopping when none was better for a while.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/json.h"
#include "train/report/trainer_state.h"

namespace lf {

struct BestMetric {
  std::string key;       // with "eval_" in front; empty: nothing is tracked
  bool greater = false;  // larger is better
};

/// metric_for_best_model and greater_is_better with transformers' defaults: the loss when load_best_model_at_end is set
/// (or the schedule is reduce_lr_on_plateau), and larger is better unless the name ends in "loss".
BestMetric resolve_best_metric(const std::optional<std::string>& metric_for_best_model,
                               const std::optional<bool>& greater_is_better, bool needed);

/// True when `metrics` are the best so far: then state.best_metric is set, and best_global_step too unless
/// save_strategy is "no". kConfig when the metric is not among `metrics`.
bool track_best(const BestMetric& best, const std::string& save_strategy, const Json& metrics, TrainerState& state);
/// Before a checkpoint's trainer_state is written: names the folder of the best step if that folder exists (or is the
/// one now being written, `current_step`).
void note_best_checkpoint(const std::filesystem::path& output_dir, int64_t current_step, TrainerState& state);

/// transformers' EarlyStoppingCallback. Call observe after an evaluation and BEFORE track_best, as transformers does.
class EarlyStopping {
 public:
  /// kConfig when patience < 1, nothing is tracked or nothing is evaluated.
  EarlyStopping(int64_t patience, BestMetric best, const std::string& eval_strategy, double threshold = 0.0);

  /// True when training is to stop. A metric that is missing is warned about and changes nothing.
  bool observe(const Json& metrics, const TrainerState& state);

  /// For state.stateful_callbacks["EarlyStoppingCallback"].
  Json state() const;
  /// From a resumed state; absent or foreign entries change nothing.
  void restore(const TrainerState& state);
  int64_t evaluations_without_gain() const { return counter_; }

 private:
  int64_t patience_;
  BestMetric best_;
  double threshold_;
  int64_t counter_ = 0;
};

}  // namespace lf
