// Everything that shows a run while it goes on, behind one door: trainer_log.jsonl, the terminal, TensorBoard, curves.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/run_config.h"
#include "train/report/progress.h"
#include "train/report/tensorboard.h"
#include "train/report/trainer_log.h"
#include "train/report/trainer_state.h"

namespace lf {

struct RunReportsOptions {
  int64_t max_steps = 0;
  int64_t resume_step = 0;
  Json resume_history = Json::array();
  std::vector<std::string> eval_names;  // keys of curves: "" for a single evaluation set
};

class RunReports {
 public:
  RunReports(const RunConfig& config, const RunReportsOptions& options);

  /// One entry of log_history, already with epoch.
  void log(const Json& entry, const TrainerState& state);
  /// From here on entries no longer join trainer_log.jsonl (upstream's log ends with training).
  void end_training() { training_over_ = true; }
  /// training_loss.png and its siblings, when plot_loss is set.
  void plot(const TrainerState& state, bool must_succeed);
  Progress& progress() { return progress_; }
  double elapsed_seconds() const { return log_.elapsed_seconds(); }

 private:
  const RunConfig& config_;
  bool training_over_ = false;
  std::filesystem::path folder_;
  std::vector<std::string> plot_keys_;
  TrainerLog log_;
  Progress progress_;
  std::unique_ptr<TensorBoardWriter> tensorboard_;
};

}  // namespace lf
