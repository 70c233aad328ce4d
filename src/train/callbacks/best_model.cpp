#include "train/callbacks/best_model.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr const char* kCallbackName = "EarlyStoppingCallback";

std::string prefixed(const std::string& name) { return name.starts_with("eval_") ? name : "eval_" + name; }

bool is_better(double value, double than, bool greater) { return greater ? value > than : value < than; }

}  // namespace

BestMetric resolve_best_metric(const std::optional<std::string>& metric_for_best_model,
                               const std::optional<bool>& greater_is_better, bool needed) {
  if (!metric_for_best_model && !needed) return {};
  const std::string name = metric_for_best_model.value_or("loss");
  return {.key = prefixed(name), .greater = greater_is_better.value_or(!name.ends_with("loss"))};
}

bool track_best(const BestMetric& best, const std::string& save_strategy, const Json& metrics, TrainerState& state) {
  if (best.key.empty()) return false;
  auto found = metrics.find(best.key);
  if (found == metrics.end() || !found->is_number()) {
    std::vector<std::string> names;
    for (auto it = metrics.begin(); it != metrics.end(); ++it) names.push_back(it.key());
    throw_error(ErrorKind::kConfig,
                "metric_for_best_model is '{}', which the evaluation does not give{} (it gives: {})", best.key,
                did_you_mean(best.key, names), join(names, ", "));
  }
  const double infinity = std::numeric_limits<double>::infinity();
  if (!state.best_metric) state.best_metric = best.greater ? -infinity : infinity;
  const double value = found->get<double>();
  if (!is_better(value, *state.best_metric, best.greater)) return false;
  state.best_metric = value;
  if (save_strategy != "no") state.best_global_step = state.global_step;
  return true;
}

void note_best_checkpoint(const std::filesystem::path& output_dir, int64_t current_step, TrainerState& state) {
  if (!state.best_global_step || *state.best_global_step == 0) return;
  const std::filesystem::path folder = output_dir / fmt::format("checkpoint-{}", *state.best_global_step);
  if (*state.best_global_step == current_step || std::filesystem::exists(folder)) {
    state.best_model_checkpoint = folder.string();
  }
}

EarlyStopping::EarlyStopping(int64_t patience, BestMetric best, const std::string& eval_strategy, double threshold)
    : patience_(patience), best_(std::move(best)), threshold_(threshold) {
  LF_CHECK(kConfig, patience_ > 0, "early_stopping_steps must be positive but is {}", patience_);
  LF_CHECK(kConfig, !best_.key.empty(), "early_stopping_steps needs metric_for_best_model (or load_best_model_at_end)");
  LF_CHECK(kConfig, eval_strategy != "no", "early_stopping_steps needs eval_strategy steps or epoch but it is no");
}

bool EarlyStopping::observe(const Json& metrics, const TrainerState& state) {
  auto found = metrics.find(best_.key);
  if (found == metrics.end() || !found->is_number()) {
    log_warn("early_stopping", "the evaluation gave no {}, so early stopping is disabled", best_.key);
    return false;
  }
  const double value = found->get<double>();
  const bool gained = !state.best_metric || (is_better(value, *state.best_metric, best_.greater) &&
                                             std::fabs(value - *state.best_metric) > threshold_);
  counter_ = gained ? 0 : counter_ + 1;
  return counter_ >= patience_;
}

Json EarlyStopping::state() const {
  Json out = Json::object();
  out["args"] = {{"early_stopping_patience", patience_}, {"early_stopping_threshold", threshold_}};
  out["attributes"]["early_stopping_patience_counter"] = counter_;
  return out;
}

void EarlyStopping::restore(const TrainerState& state) {
  auto entry = state.stateful_callbacks.find(kCallbackName);
  if (entry == state.stateful_callbacks.end() || !entry->is_object() || !entry->contains("attributes")) return;
  const Json& attributes = (*entry)["attributes"];
  if (!attributes.is_object() || !attributes.contains("early_stopping_patience_counter")) return;
  const Json& counter = attributes["early_stopping_patience_counter"];
  if (counter.is_number_integer()) counter_ = counter.get<int64_t>();
}

}  // namespace lf
