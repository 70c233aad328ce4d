// What a finished run leaves beside the weights: results, state, curves, model card; and the blocks shown on stdout.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "config/run_config.h"
#include "data/prepare.h"
#include "train/trainer.h"

namespace lf {

class RunOutputs {
 public:
  RunOutputs(const RunConfig& config, const PreparedData& data);

  /// Weights, tokenizer, train_results.json, trainer_state.json, curves.
  void finish_training(TrainTask& task, Trainer& trainer, TrainOutcome& outcome);
  /// eval_results.json (with perplexity in stage pt).
  void finish_evaluation(Json metrics, Progress* progress);
  /// README.md.
  void write_card(const TrainerState& state);

 private:
  void show(std::string_view split, const Json& metrics, Progress* progress);

  const RunConfig& config_;
  const PreparedData& data_;
  std::filesystem::path folder_;
};

/// Text for the user on stdout, ended by a newline.
void print_text(std::string_view text);

}  // namespace lf
