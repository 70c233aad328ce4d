#include "train/run_reports.h"

#include <algorithm>

#include "train/report/loss_plot.h"

namespace lf {
namespace {

std::vector<std::string> curve_keys(const std::vector<std::string>& eval_names) {
  std::vector<std::string> keys = {"loss"};
  for (const std::string& name : eval_names) {
    const std::string prefix = name.empty() ? "eval" : "eval_" + name;
    keys.push_back(prefix + "_loss");
    keys.push_back(prefix + "_accuracy");
  }
  return keys;
}

TrainerLogOptions log_options(const RunConfig& config, const RunReportsOptions& options) {
  TrainerLogOptions log;
  log.folder = *config.training.output_dir;
  log.total_steps = options.max_steps;
  log.overwrite = config.training.overwrite_output_dir && options.resume_step == 0;
  log.resume_step = options.resume_step;
  log.resume_history = options.resume_history;
  return log;
}

}  // namespace

RunReports::RunReports(const RunConfig& config, const RunReportsOptions& options)
    : config_(config),
      folder_(*config.training.output_dir),
      plot_keys_(curve_keys(options.eval_names)),
      log_(log_options(config, options)),
      progress_({.total = options.max_steps,
                 .start = options.resume_step,
                 .disable_bar = config.training.disable_tqdm.value_or(false)}) {
  const auto& trackers = config.training.report_to;
  if (std::find(trackers.begin(), trackers.end(), "tensorboard") != trackers.end()) {
    TensorBoardOptions board;
    board.output_dir = folder_;
    board.logging_dir = config.training.logging_dir.value_or("");
    board.resume_step = options.resume_step;
    tensorboard_ = std::make_unique<TensorBoardWriter>(board);
  }
}

void RunReports::log(const Json& entry, const TrainerState& state) {
  progress_.log(entry);
  if (!training_over_) log_.append(entry, state.global_step, state.num_input_tokens_seen);
  if (tensorboard_) tensorboard_->log(entry, state.global_step);
}

void RunReports::plot(const TrainerState& state, bool must_succeed) {
  if (!config_.finetuning.plot_loss) return;
  if (must_succeed) {
    for (const auto& file : plot_loss(folder_, state.log_history, plot_keys_)) {
      progress_.print("Figure saved at: " + file.string());
    }
  } else {
    redraw_plots(folder_, state.log_history, plot_keys_);
  }
}

}  // namespace lf
