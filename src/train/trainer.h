// The training loop: epochs, steps, logging, evaluation, checkpoints. Reads top to bottom in trainer.cpp.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "config/run_config.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "train/feed.h"
#include "train/flow.h"
#include "train/plan.h"
#include "train/run_state.h"
#include "train/step.h"
#include "train/task.h"

namespace lf {

class RunReports;

struct TrainerSetup {
  const RunConfig& config;
  TrainTask& task;
  BatchFeed& train;
  std::vector<std::pair<std::string, BatchFeed*>> evals;  // name ("" for the only one) and data
  Optimizer* optimizer = nullptr;                         // null when only evaluating
  int64_t flop_parameters = 0;                            // parameters without embeddings (total_flos)
};

struct TrainOutcome {
  Json metrics;             // train_runtime, ..., train_loss, epoch: what train_results.json holds
  int stopped_by = 0;       // signal number when the run ended early, else 0
  std::string checkpoint;   // the last one written
};

class Trainer {
 public:
  /// Resolves the plan and, when the configuration or the output folder asks for it, finds the checkpoint to resume from.
  explicit Trainer(TrainerSetup setup);
  ~Trainer();

  TrainOutcome train();
  /// Mean loss over each evaluation set (and accuracy when asked for); logs and returns eval_loss, eval_runtime, ...
  Json evaluate();

  const RunState& state() const { return state_; }
  RunReports& reports() { return *reports_; }

 private:
  void restore(const std::string& checkpoint);
  void run_epoch(int64_t epoch, int64_t first_update);
  std::vector<Batch> collect(int64_t epoch, int64_t update) const;
  void take_step(int64_t epoch, int64_t update);
  void account(const std::vector<Batch>& batches, const StepResult& result);
  void act(const FlowDecision& decision);
  void log_step();
  void log(Json logs);
  void save();
  Json train_metrics();

  TrainerSetup setup_;
  const TrainingOptions& options_;
  TrainPlan plan_;
  FlowSteps flow_steps_;
  Schedule schedule_;
  RunState state_;
  StepResult last_step_;
  double last_rate_ = 0;
  bool stop_ = false;
  std::string last_checkpoint_;
  std::unique_ptr<RunReports> reports_;
};

}  // namespace lf
