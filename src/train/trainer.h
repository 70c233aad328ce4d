// The training loop: epochs, steps, logging, evaluation, checkpoints. trainer.cpp reads top to bottom.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "config/run_config.h"
#include "data/batch_source.h"
#include "optim/optimizer.h"
#include "optim/plateau.h"
#include "optim/schedule.h"
#include "train/callbacks/best_model.h"
#include "train/callbacks/counters.h"
#include "train/callbacks/nan_guard.h"
#include "train/callbacks/stop_signals.h"
#include "train/flow.h"
#include "train/loop_state.h"
#include "train/plan.h"
#include "train/report/trainer_state.h"
#include "train/run_reports.h"
#include "train/step.h"
#include "train/task.h"

namespace lf {

/// The dtype of matrix products: bf16 when bf16 or pure_bf16 is set, else that of the operands.
std::optional<c10::ScalarType> training_compute_dtype(const RunConfig& config);

struct TrainerSetup {
  const RunConfig& config;
  TrainTask& task;
  BatchSource& train;
  std::vector<std::pair<std::string, BatchSource*>> evals;  // name ("" for the only one) and data
  Optimizer& optimizer;
  Schedule schedule;
  std::optional<Plateau> plateau;  // takes the place of `schedule` for reduce_lr_on_plateau
  TrainPlan plan;
  int64_t non_embedding_parameters = 0;
  std::string config_text;  // resolved configuration, kept in each checkpoint
  uint64_t data_fingerprint = 0;
  std::optional<std::string> resume;  // checkpoint folder to go on from
};

struct TrainOutcome {
  Json metrics;        // what train_results.json holds
  int stopped_by = 0;  // signal that ended the run early, or 0
  int exit_code = 0;   // 128 + signal for SIGINT and SIGTERM
};

class Trainer {
 public:
  /// Restores everything when setup.resume is given; kFormat, kConfig when that checkpoint does not fit.
  explicit Trainer(TrainerSetup setup);

  /// Runs to the end, or to the next step boundary after a signal. The final weights are in the task.
  TrainOutcome train();
  /// Logs and returns the metrics of all evaluation sets.
  Json evaluate();

  TrainerState& state() { return state_; }
  RunReports& reports() { return *reports_; }

 private:
  void restore(const std::string& folder);
  void go_to_data(const Json& stored, const std::string& folder);
  void run_epoch();
  bool take_step(int64_t update);
  void account(const std::vector<Batch>& batches, const StepResult& result);
  void act(const FlowDecision& flow);
  double rate_factor() const;
  void log_step();
  void log(Json logs, bool with_speed);
  bool save();
  void finish_with_best();
  Json final_metrics();
  double session_seconds() const { return clock_.seconds(); }

  TrainerSetup setup_;
  const TrainingOptions& options_;
  FlowSteps flow_steps_;
  StepOptions step_options_;
  TrainerState state_;
  LoopState loop_;
  BestMetric best_;
  std::optional<EarlyStopping> early_stopping_;
  NanGuard nan_guard_;
  TokenCount token_count_;
  StepResult last_step_;
  double last_rate_ = 0;
  int64_t first_token_ = 0;  // tokens seen before this session
  int64_t saved_step_ = -1;
  bool stop_ = false;
  Stopwatch clock_;
  std::unique_ptr<RunReports> reports_;
  std::unique_ptr<StopSignals> signals_;
};

}  // namespace lf
