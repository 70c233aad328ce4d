#include "stages/run_outputs.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "optim/schedule_options.h"
#include "train/report/metrics_files.h"
#include "train/report/model_card.h"

namespace lf {
namespace {

/// eval_perplexity = exp(eval_loss), for each evaluation set.
void add_perplexity(Json& metrics) {
  Json added;
  for (auto it = metrics.begin(); it != metrics.end(); ++it) {
    constexpr std::string_view kLoss = "_loss";
    const std::string& key = it.key();
    if (!key.starts_with("eval") || !key.ends_with(kLoss)) continue;
    added[key.substr(0, key.size() - kLoss.size()) + "_perplexity"] = std::exp(it->get<double>());
  }
  metrics.update(added);
}

}  // namespace

void print_text(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!text.ends_with('\n')) std::fputc('\n', stdout);
  std::fflush(stdout);
}

RunOutputs::RunOutputs(const RunConfig& config, const PreparedData& data)
    : config_(config), data_(data), folder_(*config.training.output_dir) {}

void RunOutputs::show(std::string_view split, const Json& metrics, Progress* progress) {
  const std::string block = metrics_block(split, metrics);
  progress ? progress->print(block) : print_text(block);
  save_metrics(folder_, split, metrics);
}

void RunOutputs::finish_training(TrainTask& task, Trainer& trainer, TrainOutcome& outcome) {
  OutputFolder folder(folder_);
  task.write_model(folder);
  if (config_.finetuning.include_effective_tokens_per_second && config_.finetuning.stage == "sft") {
    outcome.metrics["effective_tokens_per_sec"] = effective_tokens_per_second(
        data_.train.total_tokens(), outcome.metrics.value("epoch", 0.0), outcome.metrics.value("train_runtime", 0.0));
  }
  show("train", outcome.metrics, &trainer.reports().progress());
  write_trainer_state(folder_, trainer.state());
  trainer.reports().plot(trainer.state(), true);
}

void RunOutputs::finish_evaluation(Json metrics, Progress* progress) {
  if (config_.finetuning.stage == "pt") add_perplexity(metrics);
  show("eval", metrics, progress);
}

void RunOutputs::write_card(const TrainerState& state) {
  const TrainingOptions& options = config_.training;
  ModelCard card;
  card.model_name = std::filesystem::absolute(folder_).lexically_normal().filename().string();
  card.base_model = config_.model.model_name_or_path;
  card.finetuning_type = config_.finetuning.finetuning_type;
  card.adapter = config_.finetuning.finetuning_type == "lora";
  card.datasets = config_.data.dataset;
  card.log_history = state.log_history;
  card.learning_rate = options.learning_rate;
  card.train_batch_size = options.per_device_train_batch_size;
  card.eval_batch_size = options.per_device_eval_batch_size;
  card.seed = options.seed;
  card.gradient_accumulation_steps = options.gradient_accumulation_steps;
  card.optim = options.optim;
  card.optim_args = options.optim_args.value_or("");
  card.adam_beta1 = options.adam_beta1;
  card.adam_beta2 = options.adam_beta2;
  card.adam_epsilon = options.adam_epsilon;
  card.lr_scheduler_type = options.lr_scheduler_type;
  card.warmup_steps = options.warmup_steps > 0 ? options.warmup_steps : options.warmup_ratio.value_or(0);
  card.max_steps = options.max_steps;
  card.num_train_epochs = options.num_train_epochs;
  card.label_smoothing_factor = options.label_smoothing_factor;
  write_model_card(folder_, card);
}

}  // namespace lf
