#include "train/trainer.h"

#include <unistd.h>

#include <ctime>
#include <fstream>

#include "base/log.h"
#include "base/strings.h"
#include "train/evaluate.h"
#include "train/report/metrics_files.h"

namespace lf {
namespace {

NanGuardOptions guard_options(const RunConfig& config) {
  NanGuardOptions options;
  options.folder = *config.training.output_dir;
  options.compute_type = config.training.fp16 ? "fp16" : training_compute_dtype(config) ? "bf16" : "fp32";
  options.loss_scaling = config.training.fp16;
  return options;
}

/// Seconds since this process was started, by the kernel's clock.
double seconds_since_process_start() {
  std::ifstream file("/proc/self/stat");
  std::string stat;
  std::getline(file, stat);
  if (stat.rfind(')') == std::string::npos) return 0;
  const std::vector<std::string> fields = split(stat.substr(stat.rfind(')') + 2), ' ');
  constexpr size_t kStartTime = 19;  // field 22 of proc(5), counted after the command's name
  if (fields.size() <= kStartTime) return 0;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double started = std::stod(fields[kStartTime]) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - started;
}

}  // namespace

std::optional<c10::ScalarType> training_compute_dtype(const RunConfig& config) {
  if (config.training.fp16) return at::kHalf;
  if (config.training.bf16 || config.finetuning.pure_bf16) return at::kBFloat16;
  return std::nullopt;
}

Trainer::Trainer(TrainerSetup setup)
    : setup_(std::move(setup)),
      options_(setup_.config.training),
      flow_steps_(resolve_flow_steps(options_, setup_.plan.max_steps)),
      nan_guard_(guard_options(setup_.config)),
      token_count_(parse_token_count(options_.include_num_input_tokens_seen)) {
  step_options_ = {.max_grad_norm = options_.max_grad_norm, .compute_dtype = training_compute_dtype(setup_.config)};
  best_ = resolve_best_metric(options_.metric_for_best_model, options_.greater_is_better,
                              options_.load_best_model_at_end || options_.lr_scheduler_type == "reduce_lr_on_plateau");
  if (setup_.config.finetuning.early_stopping_steps) {
    early_stopping_.emplace(*setup_.config.finetuning.early_stopping_steps, best_, options_.eval_strategy);
  }
  state_.max_steps = setup_.plan.max_steps;
  state_.num_train_epochs = setup_.plan.epochs;
  if (setup_.resume) restore(*setup_.resume);
  state_.logging_steps = flow_steps_.logging;
  state_.eval_steps = flow_steps_.eval;
  state_.save_steps = flow_steps_.save;
  state_.train_batch_size = options_.per_device_train_batch_size;
  first_token_ = state_.num_input_tokens_seen;

  RunReportsOptions reports{.max_steps = setup_.plan.max_steps, .resume_step = state_.global_step};
  reports.resume_history = state_.log_history;
  for (const auto& [name, loader] : setup_.evals) reports.eval_names.push_back(name);
  reports_ = std::make_unique<RunReports>(setup_.config, reports);
}

TrainOutcome Trainer::train() {
  log_info("trainer", "***** Running training *****");
  log_info("trainer", "  Num examples = {}", setup_.plan.examples);
  log_info("trainer", "  Num Epochs = {}", setup_.plan.epochs);
  log_info("trainer", "  Instantaneous batch size per device = {}", options_.per_device_train_batch_size);
  log_info("trainer", "  Gradient Accumulation steps = {}", options_.gradient_accumulation_steps);
  log_info("trainer", "  Total optimization steps = {}", setup_.plan.max_steps);
  if (state_.global_step > 0) log_info("trainer", "  Resuming from step {}", state_.global_step);

  signals_ = std::make_unique<StopSignals>();
  clock_ = Stopwatch();
  if (options_.eval_on_start && state_.global_step == 0) evaluate();
  log_info("trainer", "first step begins {:.2f} s after the start of the process", seconds_since_process_start());
  while (setup_.train.cursor().epoch < setup_.plan.epochs && !stop_) run_epoch();
  TrainOutcome outcome{.stopped_by = signals_->requested(), .exit_code = signals_->exit_code()};
  outcome.metrics = final_metrics();
  reports_->end_training();
  finish_with_best();
  reports_->progress().finish();
  signals_.reset();
  return outcome;
}

/// The rest of the current epoch.
void Trainer::run_epoch() {
  const DataCursor start = setup_.train.cursor();
  int64_t update = start.batch / options_.gradient_accumulation_steps;
  const int64_t first = update;
  while (update < setup_.plan.updates_per_epoch && !stop_ && setup_.train.cursor().epoch == start.epoch) {
    if (!take_step(update)) break;
    ++update;
    act(decide_after_step(options_, flow_steps_, state_.global_step, setup_.plan.max_steps));
  }
  if (!stop_ && start.batch == 0 && update == first) {
    log_warn("trainer", "epoch {} of the stream holds no batch: training stops at step {} of {}", start.epoch,
             state_.global_step, setup_.plan.max_steps);
    stop_ = true;
  }
  if (!stop_ && setup_.train.cursor().epoch == start.epoch) setup_.train.seek({start.epoch + 1, 0});
  if (signals_->requested() == 0) act(decide_after_epoch(options_, state_.epoch));
}

/// False when the epoch has no batch left.
bool Trainer::take_step(int64_t update) {
  const DataCursor start = setup_.train.cursor();
  const auto wanted = static_cast<size_t>(setup_.plan.micro_batches(update, options_.gradient_accumulation_steps));
  std::vector<Batch> batches;
  while (batches.size() < wanted) {
    std::optional<Batch> batch = setup_.train.next();
    if (!batch) break;
    batches.push_back(std::move(*batch));
  }
  if (batches.empty()) return false;
  for (ParamGroup& group : setup_.optimizer.groups()) group.lr = group.base_lr * rate_factor();
  last_rate_ = setup_.optimizer.groups().front().lr;
  if (options_.fp16) step_options_.loss_scale = loop_.loss_scale.value();
  last_step_ = run_step(setup_.task, batches, setup_.optimizer, step_options_);
  if (options_.fp16) loop_.loss_scale.update(last_step_.finite);
  account(batches, last_step_);
  state_.epoch = setup_.plan.epoch_at(start.epoch, start.batch + static_cast<int64_t>(batches.size()));
  reports_->progress().update(state_.global_step);
  return true;
}

double Trainer::rate_factor() const {
  if (setup_.plateau) return setup_.plateau->factor();
  // As upstream: steps that loss scaling skipped do not move the schedule.
  return setup_.schedule(state_.global_step - (options_.fp16 ? loop_.skipped_steps : 0));
}

/// Adds a finished step to the sums that the log and the state show.
void Trainer::account(const std::vector<Batch>& batches, const StepResult& result) {
  ++state_.global_step;
  StepFacts facts{.step = state_.global_step, .grad_norm = result.grad_norm, .learning_rate = last_rate_};
  for (size_t i = 0; i < batches.size(); ++i) {
    const float loss = result.micro_losses[i];
    if (std::isfinite(loss) || !options_.logging_nan_inf_filter) {
      loop_.loss_since_log += loss;
    } else {
      loop_.loss_since_log += loop_.loss_since_log / static_cast<float>(state_.global_step - loop_.step_last_logged);
    }
    loop_.flops_since_log += training_flos(batches[i], setup_.non_embedding_parameters);
    state_.num_input_tokens_seen += count_input_tokens(batches[i], token_count_);
    facts.loss += loss;
    facts.micro_losses.push_back(loss);
    facts.target_tokens += batches[i].target_count;
    facts.samples.insert(facts.samples.end(), batches[i].samples.begin(), batches[i].samples.end());
  }
  if (!nan_guard_.accept(facts)) ++loop_.skipped_steps;
}

/// Logs, evaluates, saves and stops as the flow says; a signal adds a save and a stop.
void Trainer::act(const FlowDecision& flow) {
  const bool signalled = signals_->requested() != 0;
  if (flow.log || signalled) log_step();
  bool best = false;
  if (flow.evaluate && !signalled) {
    const Json metrics = evaluate();
    if (setup_.plateau) setup_.plateau->step(metrics.value(best_.key, std::nan("")));
    if (early_stopping_ && early_stopping_->observe(metrics, state_)) stop_ = true;
    best = track_best(best_, options_.save_strategy, metrics, state_);
  }
  stop_ = stop_ || flow.stop || signalled;
  if (options_.save_strategy == "best" ? best : (flow.save || signalled)) save();
  if (signalled && stop_)
    log_warn("trainer", "{} received: stopping after step {}", signals_->name(), state_.global_step);
}

void Trainer::log_step() {
  const int64_t steps = state_.global_step - loop_.step_last_logged;
  if (steps <= 0) return;
  Json logs;
  logs["loss"] = static_cast<double>(loop_.loss_since_log) / static_cast<double>(steps);
  logs["grad_norm"] = static_cast<double>(static_cast<float>(last_step_.grad_norm));
  logs["learning_rate"] = last_rate_;
  loop_.loss_total += loop_.loss_since_log;
  loop_.loss_since_log = 0;
  loop_.step_last_logged = state_.global_step;
  state_.total_flos += loop_.flops_since_log;
  loop_.flops_since_log = 0;
  log(std::move(logs), true);
}

void Trainer::log(Json logs, bool with_speed) {
  const Json entry =
      state_.log(std::move(logs), token_count_ != TokenCount::kNo, with_speed ? session_seconds() : 0, first_token_);
  reports_->log(entry, state_);
}

Json Trainer::evaluate() {
  Json all;
  for (const auto& [name, loader] : setup_.evals) {
    EvaluateOptions options{.compute_dtype = step_options_.compute_dtype};
    if (!name.empty()) options.prefix = "eval_" + name;
    const Json metrics = lf::evaluate(setup_.task, *loader, options, &reports_->progress());
    log(metrics, false);
    all.update(metrics);
  }
  all["epoch"] = state_.epoch;
  return all;
}

Json Trainer::final_metrics() {
  const double steps = std::max(static_cast<double>(state_.global_step), 0.001);
  Json metrics = speed_metrics({.split = "train",
                                .seconds = session_seconds(),
                                .samples = setup_.plan.samples,
                                .steps = static_cast<double>(setup_.plan.max_steps)});
  state_.total_flos += loop_.flops_since_log;
  loop_.flops_since_log = 0;
  metrics["total_flos"] = state_.total_flos;
  metrics["train_loss"] = (loop_.loss_total + loop_.loss_since_log) / steps;
  log(metrics, false);
  metrics["epoch"] = state_.epoch;
  if (token_count_ != TokenCount::kNo) metrics["num_input_tokens_seen"] = state_.num_input_tokens_seen;
  if (loop_.skipped_steps > 0)
    log_warn("trainer", "{} step(s) were skipped because loss or gradients were not finite", loop_.skipped_steps);
  return metrics;
}

}  // namespace lf
