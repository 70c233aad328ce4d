#include "stages/training_run.h"

#include "base/log.h"
#include "base/registry.h"
#include "checkpoint/output_lock.h"
#include "checkpoint/resume.h"
#include "checkpoint/retention.h"
#include "config/dump.h"
#include "data/prepare.h"
#include "data/preview.h"
#include "io/atomic_file.h"
#include "optim/schedule_options.h"
#include "stages/attention_choice.h"
#include "stages/causal_lm.h"
#include "stages/chat_session.h"
#include "stages/local_models.h"
#include "stages/run_outputs.h"
#include "stages/run_setup.h"
#include "stages/trainable_model.h"
#include "tensor/rng.h"
#include "train/evaluate.h"
#include "train/trainer.h"

namespace lf {
namespace {

/// Everything before the weights: a broken row or a taken folder ends the run in seconds.
struct Prepared {
  RunTokenizer run;
  PreparedData data;
};

Prepared prepare(const RunConfig& config) {
  Prepared prepared;
  check_model_folder(config.model.folder(), {.depth = depth_mode(config.model),
                                             .allow_legacy_bin = config.model.allow_legacy_bin,
                                             .train_from_scratch = config.model.train_from_scratch});
  prepared.run = load_run_tokenizer(config);
  const Tokenizer& tokenizer = *prepared.run.tokenizer;
  check_vocabulary(config.model.folder(), tokenizer, prepared.run.vocabulary);
  prepared.data = prepare_datasets(config, tokenizer, *prepared.run.chat_template, default_cache_options());
  return prepared;
}

void show_examples(const RunConfig& config, const Prepared& prepared) {
  const bool with_labels = config.finetuning.stage != "pt";
  const auto show = [&](const Dataset& first, std::string_view title) {
    if (!first.empty()) print_text(example_text(first, *prepared.run.tokenizer, title, with_labels));
  };
  show(prepared.data.first_train_row(), "training example:");
  show(prepared.data.first_eval_row(), "eval example:");
}

std::optional<std::string> resume_folder(const RunConfig& config) {
  if (!config.training.do_train) return std::nullopt;
  const auto point = decide_resume({.output_dir = *config.training.output_dir,
                                    .resume_from_checkpoint = config.training.resume_from_checkpoint,
                                    .overwrite_output_dir = config.training.overwrite_output_dir});
  if (!point) return std::nullopt;
  log_info("train", "Resuming training from {}{}", point->folder.string(), point->verified ? "" : " (unverified)");
  return point->folder.string();
}

TrainPlan plan_of(const RunConfig& config, std::optional<int64_t> examples) {
  const TrainingOptions& options = config.training;
  return make_plan({.examples = examples,
                    .batch_size = options.per_device_train_batch_size,
                    .accumulation = options.gradient_accumulation_steps,
                    .max_steps = options.max_steps,
                    .epochs = options.num_train_epochs,
                    .drop_last = options.dataloader_drop_last});
}

void set_schedule(TrainerSetup& setup, const TrainingOptions& options) {
  const int64_t steps = setup.plan.max_steps;
  const ScheduleOptions schedule{.warmup_steps = warmup_steps(options.warmup_steps, options.warmup_ratio, steps),
                                 .total_steps = steps,
                                 .base_lr = options.learning_rate,
                                 .kwargs = options.lr_scheduler_kwargs};
  const ScheduleEntry& entry = require_entry(all_schedules(), options.lr_scheduler_type, "lr_scheduler_type");
  setup.schedule = entry.make(schedule);
  if (entry.name == "reduce_lr_on_plateau") setup.plateau.emplace(schedule);
}

using EvalLoaders = std::vector<std::pair<std::string, std::unique_ptr<BatchSource>>>;

/// do_eval without do_train.
int evaluate_only(const RunConfig& config, TrainTask& task, const EvalLoaders& loaders, RunOutputs& outputs) {
  Json metrics;
  for (const auto& [name, loader] : loaders) {
    EvaluateOptions options{.prefix = name.empty() ? "eval" : "eval_" + name,
                            .compute_dtype = training_compute_dtype(config)};
    metrics.update(evaluate(task, *loader, options));
  }
  outputs.finish_evaluation(std::move(metrics), nullptr);
  outputs.write_card({});
  return 0;
}

}  // namespace

int run_training(const RunConfig& given) {
  const std::filesystem::path output_dir = *given.training.output_dir;
  const OutputLock lock(output_dir);
  const RunConfig config = with_local_models(given);
  clean_leftovers(output_dir);
  const std::optional<std::string> resume = resume_folder(config);
  const std::string config_text = to_yaml(config);
  write_file_durably(output_dir / "training_args.yaml", config_text);

  const Prepared prepared = prepare(config);
  show_examples(config, prepared);
  seed_default_generators(static_cast<uint64_t>(config.training.seed));
  TrainableModel model(config, prepared.run);
  CausalLmTask task(model.decoder(), *prepared.run.tokenizer, model, task_options(config, model.decoder().spec()));

  const EvalLoaders eval_loaders = make_eval_loaders(prepared.data, config);
  RunOutputs outputs(config, prepared.data);
  if (!config.training.do_train) return evaluate_only(config, task, eval_loaders, outputs);

  const std::unique_ptr<BatchSource> train_loader = make_train_loader(prepared.data, config);
  const TrainPlan plan = plan_of(config, train_loader->examples());
  const std::unique_ptr<Optimizer> optimizer = optimizer_of(config.training, model.trainable());
  TrainerSetup setup{.config = config,
                     .task = task,
                     .train = *train_loader,
                     .optimizer = *optimizer,
                     .plan = plan,
                     .non_embedding_parameters = non_embedding_parameters(model.decoder()),
                     .config_text = config_text,
                     .data_fingerprint = prepared.data.train_fingerprint(),
                     .resume = resume};
  set_schedule(setup, config.training);
  for (const auto& [name, loader] : eval_loaders) setup.evals.emplace_back(name, loader.get());
  Trainer trainer(std::move(setup));
  TrainOutcome outcome = trainer.train();
  outputs.finish_training(task, trainer, outcome);
  if (config.training.do_eval && outcome.stopped_by == 0) {
    outputs.finish_evaluation(trainer.evaluate(), &trainer.reports().progress());
  }
  outputs.write_card(trainer.state());
  return outcome.exit_code;
}

}  // namespace lf
