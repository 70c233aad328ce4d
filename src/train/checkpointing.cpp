// The trainer's saving and resuming: everything that the next step depends on goes into a checkpoint and comes back
// from it.
#include "base/error.h"
#include "base/log.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/resume.h"
#include "tensor/rng.h"
#include "train/trainer.h"

namespace lf {
namespace {

/// What a stored run and this one must share for a resumed run to be the same run.
Json data_identity(const TrainerSetup& setup) {
  const TrainingOptions& options = setup.config.training;
  return {{"fingerprint", fmt::format("{:016x}", setup.data_fingerprint)},
          {"batches_per_epoch", setup.train.epoch_batches().value_or(0)},
          {"seed", options.data_seed.value_or(options.seed)},
          {"gradient_accumulation_steps", options.gradient_accumulation_steps}};
}

void warn_about_differences(const Json& stored, const Json& ours, const std::string& folder) {
  for (auto it = ours.begin(); it != ours.end(); ++it) {
    const auto found = stored.find(it.key());
    if (found != stored.end() && *found != *it) {
      log_warn("checkpoint", "{}: {} was {} and is {} now: the run goes on, but not as if it had never stopped", folder,
               it.key(), found->dump(), it->dump());
    }
  }
}

}  // namespace

/// Writes checkpoint-<step>. False, with the reason in the log, when that was not possible: training goes on.
bool Trainer::save() {
  if (saved_step_ == state_.global_step) return true;
  const std::filesystem::path output_dir = *options_.output_dir;
  note_best_checkpoint(output_dir, state_.global_step, state_);
  state_.stateful_callbacks["TrainerControl"] =
      TrainerControl{.should_training_stop = stop_, .should_save = true}.state();
  if (early_stopping_) state_.stateful_callbacks["EarlyStoppingCallback"] = early_stopping_->state();

  TrainingSnapshot snapshot;
  snapshot.step = state_.global_step;
  snapshot.epoch = state_.epoch;
  snapshot.optimizer = setup_.optimizer.state();
  snapshot.generators = capture_generators({{"default", default_generator_state(at::kCPU)}});
  if (setup_.plateau) snapshot.scheduler = setup_.plateau->state();
  snapshot.data = data_identity(setup_);
  snapshot.data["position"] = setup_.train.position();
  snapshot.loop = loop_.to_json();
  snapshot.loop["task"] = setup_.task.state();
  snapshot.trainer_state = trainer_state_text(state_);
  snapshot.config_yaml = setup_.config_text;
  const CheckpointOptions options{.save_total_limit = options_.save_total_limit,
                                  .best_step = state_.best_global_step,
                                  .only_model = options_.save_only_model};
  try {
    save_checkpoint(output_dir, snapshot, options, [&](OutputFolder& folder) { setup_.task.write_model(folder); });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kIo) throw;
    log_error("checkpoint", "checkpoint-{} could not be written: {}. Training goes on; older checkpoints are untouched",
              state_.global_step, error.what());
    return false;
  }
  saved_step_ = state_.global_step;
  reports_->plot(state_, false);
  return true;
}

void Trainer::restore(const std::string& folder) {
  const LoadedCheckpoint checkpoint = load_checkpoint(folder);
  LF_CHECK(kConfig, checkpoint.has_state,
           "{}: holds no optimizer state (written with save_only_model, or by the Python program), so training cannot "
           "go on from "
           "it; use it as {} and set overwrite_output_dir: true",
           folder, setup_.config.finetuning.finetuning_type == "lora" ? "adapter_name_or_path" : "model_name_or_path");
  const TrainingSnapshot& snapshot = checkpoint.snapshot;
  warn_about_differences(snapshot.data, data_identity(setup_), folder);
  setup_.task.load_model(folder);
  setup_.optimizer.load_state(snapshot.optimizer);
  if (setup_.plateau) setup_.plateau->load_state(snapshot.scheduler.get<std::map<std::string, double>>());
  restore_device_generators(snapshot.generators);
  for (const auto& [name, generator] : snapshot.generators) {
    if (name == "default") set_default_generator_state(at::kCPU, generator);
  }
  state_ = parse_trainer_state(snapshot.trainer_state, folder + "/trainer_state.json");
  state_.max_steps = setup_.plan.max_steps;
  state_.num_train_epochs = setup_.plan.epochs;
  loop_ = LoopState::from_json(snapshot.loop);
  if (snapshot.loop.contains("task")) setup_.task.restore(snapshot.loop["task"]);
  if (early_stopping_) early_stopping_->restore(state_);
  go_to_data(snapshot.data, folder);
  saved_step_ = state_.global_step;
  stop_ = state_.global_step >= setup_.plan.max_steps;  // killed after its last step: only the ending is left
}

/// Prepared data: to the batch that follows the step, as upstream counts. Streamed data: to where the checkpoint says.
void Trainer::go_to_data(const Json& stored, const std::string& folder) {
  BatchSource& data = setup_.train;
  if (data.epoch_batches()) {
    const int64_t updates = setup_.plan.updates_per_epoch;
    const int64_t first = state_.global_step % updates * options_.gradient_accumulation_steps;
    data.seek({state_.global_step / updates, options_.ignore_data_skip ? 0 : first});
    return;
  }
  LF_CHECK(kConfig, stored.contains("position") && stored["position"].contains("workers"),
           "{}: was written without streaming, so it holds no position in the stream; resume it with streaming: false",
           folder);
  if (options_.ignore_data_skip) {
    data.seek({stored["position"].value("epoch", int64_t{0}), 0});
  } else {
    data.restore(stored["position"]);
  }
}

/// load_best_model_at_end: the weights of the best checkpoint become the result.
void Trainer::finish_with_best() {
  if (!options_.load_best_model_at_end || !state_.best_model_checkpoint) return;
  if (!std::filesystem::exists(*state_.best_model_checkpoint)) {
    log_warn("trainer", "the best checkpoint {} does not exist; the last weights are kept",
             *state_.best_model_checkpoint);
    return;
  }
  log_info("trainer", "Loading best model from {} (score: {})", *state_.best_model_checkpoint,
           state_.best_metric.value_or(0));
  setup_.task.load_model(*state_.best_model_checkpoint);
}

}  // namespace lf
