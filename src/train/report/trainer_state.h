// trainer_state.json: what transformers' Trainer remembers of a run, byte for byte in its format, read back on resume
// (also when Python wrote it).
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lf {

/// The switches of the loop. should_save, should_evaluate and should_log are cleared by the loop at each new step.
struct TrainerControl {
  bool should_training_stop = false;
  bool should_epoch_stop = false;
  bool should_save = false;
  bool should_evaluate = false;
  bool should_log = false;

  void new_step() { should_save = should_evaluate = should_log = false; }
  /// {"args": {...}, "attributes": {}}
  Json state() const;
};

struct TrainerState {
  double epoch = 0;
  int64_t global_step = 0;
  int64_t max_steps = 0;
  int64_t logging_steps = 500;  // resolved: ratios below 1 already turned into steps
  int64_t eval_steps = 500;
  int64_t save_steps = 500;
  std::optional<int64_t> train_batch_size;
  int64_t num_train_epochs = 0;
  int64_t num_input_tokens_seen = 0;
  double total_flos = 0;
  Json log_history = Json::array();  // objects of numbers, keys in the order of logging
  std::optional<double> best_metric;
  std::optional<int64_t> best_global_step;
  std::optional<std::string> best_model_checkpoint;
  bool is_local_process_zero = true;
  bool is_world_process_zero = true;
  bool is_hyper_param_search = false;
  Json trial_name;                           // null
  Json trial_params;                         // null
  Json stateful_callbacks = Json::object();  // name -> {"args", "attributes"}: TrainerControl, EarlyStoppingCallback

  /// Trainer.log: adds epoch to `logs`, appends {**logs, "step": global_step} to log_history and returns the logs as
  /// shown. `track_tokens` (include_num_input_tokens_seen is not "no") adds num_input_tokens_seen; `train_seconds` > 0
  /// also train_runtime and train_tokens_per_second of the tokens seen since `session_first_token`.
  Json log(Json logs, bool track_tokens = false, double train_seconds = 0, int64_t session_first_token = 0);
};

/// The file's text, newline at its end.
std::string trainer_state_text(const TrainerState& state);
/// kFormat when `text` is not a trainer state; unknown keys are ignored, missing ones keep their defaults.
TrainerState parse_trainer_state(std::string_view text, std::string_view where);
TrainerState read_trainer_state(const std::filesystem::path& file);
/// Writes folder/trainer_state.json durably.
void write_trainer_state(const std::filesystem::path& folder, const TrainerState& state);

}  // namespace lf
