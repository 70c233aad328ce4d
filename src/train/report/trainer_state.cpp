#include "train/report/trainer_state.h"

#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "io/atomic_file.h"
#include "train/report/metrics_files.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

template <class T>
Json nullable(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

class StateReader {
 public:
  StateReader(const Json& root, std::string_view where) : root_(root), where_(where) {}

  void read(const char* key, double& out) const {
    if (const Json* value = number(key)) out = value->get<double>();
  }
  /// Whole numbers; Python leaves some of them as floats (500.0).
  void read(const char* key, int64_t& out) const {
    const Json* value = number(key);
    if (!value) return;
    if (value->is_number_integer()) {  // sys.maxsize epochs while streaming
      out = value->get<int64_t>();
      return;
    }
    const double real = value->get<double>();
    LF_CHECK(kFormat, std::floor(real) == real && std::fabs(real) < 9e15, "{}: '{}' must be a whole number but is {}",
             where_, key, python_json(*value));
    out = value->is_number_float() ? static_cast<int64_t>(real) : value->get<int64_t>();
  }
  template <class T>
  void read(const char* key, std::optional<T>& out) const {
    if (!present(key)) return;
    T value{};
    read(key, value);
    out = value;
  }
  void read(const char* key, std::string& out) const {
    if (!present(key)) return;
    LF_CHECK(kFormat, root_.at(key).is_string(), "{}: '{}' must be a string but is {}", where_, key, shown(key));
    out = root_.at(key).get<std::string>();
  }
  void read(const char* key, bool& out) const {
    if (!present(key)) return;
    LF_CHECK(kFormat, root_.at(key).is_boolean(), "{}: '{}' must be true or false but is {}", where_, key, shown(key));
    out = root_.at(key).get<bool>();
  }
  void read_structure(const char* key, Json& out, bool array) const {
    if (!present(key)) return;
    const Json& value = root_.at(key);
    LF_CHECK(kFormat, array ? value.is_array() : value.is_object(), "{}: '{}' must be {} but is {}", where_, key,
             array ? "a list" : "an object", shown(key));
    out = value;
  }

 private:
  bool present(const char* key) const { return root_.contains(key) && !root_.at(key).is_null(); }
  std::string shown(const char* key) const { return printable(python_json(root_.at(key)), 60); }
  const Json* number(const char* key) const {
    if (!present(key)) return nullptr;
    const Json& value = root_.at(key);
    LF_CHECK(kFormat, value.is_number(), "{}: '{}' must be a number but is {}", where_, key, shown(key));
    return &value;
  }

  const Json& root_;
  std::string_view where_;
};

}  // namespace

Json TrainerControl::state() const {
  return {{"args",
           {{"should_training_stop", should_training_stop},
            {"should_epoch_stop", should_epoch_stop},
            {"should_save", should_save},
            {"should_evaluate", should_evaluate},
            {"should_log", should_log}}},
          {"attributes", Json::object()}};
}

Json TrainerState::log(Json logs, bool track_tokens, double train_seconds, int64_t session_first_token) {
  logs["epoch"] = epoch;
  if (track_tokens) {
    logs["num_input_tokens_seen"] = num_input_tokens_seen;
    if (train_seconds > 0) {
      const auto tokens = static_cast<double>(num_input_tokens_seen - session_first_token);
      logs.update(speed_metrics({.split = "train", .seconds = train_seconds, .tokens = tokens}));
    }
  }
  Json entry = logs;
  entry["step"] = global_step;
  log_history.push_back(std::move(entry));
  return logs;
}

std::string trainer_state_text(const TrainerState& state) {
  const Json root = {{"best_global_step", nullable(state.best_global_step)},
                     {"best_metric", nullable(state.best_metric)},
                     {"best_model_checkpoint", nullable(state.best_model_checkpoint)},
                     {"epoch", state.epoch},
                     {"eval_steps", state.eval_steps},
                     {"global_step", state.global_step},
                     {"is_hyper_param_search", state.is_hyper_param_search},
                     {"is_local_process_zero", state.is_local_process_zero},
                     {"is_world_process_zero", state.is_world_process_zero},
                     {"log_history", with_sorted_keys(state.log_history)},
                     {"logging_steps", state.logging_steps},
                     {"max_steps", state.max_steps},
                     {"num_input_tokens_seen", state.num_input_tokens_seen},
                     {"num_train_epochs", state.num_train_epochs},
                     {"save_steps", state.save_steps},
                     {"stateful_callbacks", with_sorted_keys(state.stateful_callbacks)},
                     {"total_flos", state.total_flos},
                     {"train_batch_size", nullable(state.train_batch_size)},
                     {"trial_name", state.trial_name},
                     {"trial_params", with_sorted_keys(state.trial_params)}};
  return python_json_ascii(root, 2) + "\n";
}

TrainerState parse_trainer_state(std::string_view text, std::string_view where) {
  const Json root = parse_python_json(text, where);
  LF_CHECK(kFormat, root.is_object(), "{}: a trainer state must be an object", where);
  TrainerState state;
  const StateReader reader(root, where);
  reader.read("best_global_step", state.best_global_step);
  reader.read("best_metric", state.best_metric);
  reader.read("best_model_checkpoint", state.best_model_checkpoint);
  reader.read("epoch", state.epoch);
  reader.read("eval_steps", state.eval_steps);
  reader.read("global_step", state.global_step);
  reader.read("is_hyper_param_search", state.is_hyper_param_search);
  reader.read("is_local_process_zero", state.is_local_process_zero);
  reader.read("is_world_process_zero", state.is_world_process_zero);
  reader.read_structure("log_history", state.log_history, true);
  reader.read("logging_steps", state.logging_steps);
  reader.read("max_steps", state.max_steps);
  reader.read("num_input_tokens_seen", state.num_input_tokens_seen);
  reader.read("num_train_epochs", state.num_train_epochs);
  reader.read("save_steps", state.save_steps);
  reader.read_structure("stateful_callbacks", state.stateful_callbacks, false);
  reader.read("total_flos", state.total_flos);
  reader.read("train_batch_size", state.train_batch_size);
  if (root.contains("trial_name")) state.trial_name = root["trial_name"];
  if (root.contains("trial_params")) state.trial_params = root["trial_params"];
  for (const Json& entry : state.log_history) {
    LF_CHECK(kFormat, entry.is_object(), "{}: each entry of 'log_history' must be an object", where);
  }
  return state;
}

TrainerState read_trainer_state(const std::filesystem::path& file) {
  return parse_trainer_state(read_file(file), file.string());
}

void write_trainer_state(const std::filesystem::path& folder, const TrainerState& state) {
  write_file_durably(folder / "trainer_state.json", trainer_state_text(state));
}

}  // namespace lf
