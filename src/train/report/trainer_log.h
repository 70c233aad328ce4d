// trainer_log.jsonl: one line for each thing logged, with LLaMA-Factory's keys, for people and programs that watch a
// run. A line reaches the file in one write: lines never mix, and a reader that waits for the newline of the last one
// finds only whole lines (the kernel may show the first part of a write that crosses a page).
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"

namespace lf {

struct TrainerLogOptions {
  std::filesystem::path folder;  // output_dir; created when absent
  int64_t total_steps = 0;
  bool overwrite = false;   // overwrite_output_dir: the log of a previous run is removed (not when resuming)
  int64_t resume_step = 0;  // > 0: lines after this step are dropped and the clock goes on from the last line kept
  Json resume_history =
      Json::array();  // log_history of the resumed trainer_state.json: one line for each entry is kept
};

/// Gigabytes (2^30) shown when RECORD_VRAM is set.
struct VramUsage {
  double allocated = 0;
  double reserved = 0;
};

class TrainerLog {
 public:
  /// Starts the clock. kIo when the folder or an existing log cannot be used.
  explicit TrainerLog(TrainerLogOptions options);

  /// Appends the line for one entry of log_history (loss or eval_loss, learning_rate, epoch, ...). `total_tokens` > 0
  /// adds throughput and total_tokens. A failing disk is reported once by a warning; training goes on. The entry with
  /// train_loss ends the log: the evaluation after the training writes no line, as upstream.
  void append(const Json& entry, int64_t step, int64_t total_tokens = 0, const std::optional<VramUsage>& vram = {});
  /// During evaluation or prediction without training: a line of progress alone (upstream writes one every 5 batches).
  void append_progress(int64_t step);

  double elapsed_seconds() const { return clock_.seconds(); }
  /// Seconds that the remaining steps will take at this session's pace.
  double remaining_seconds(int64_t step) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  void resume();
  void add_timing(Json& line, int64_t step) const;
  void write_line(const Json& line);

  TrainerLogOptions options_;
  std::filesystem::path path_;
  Stopwatch clock_;
  double session_start_ = 0;  // elapsed seconds when this session began
  bool failed_ = false;
  bool ended_ = false;  // the entry that ends the training was written
};

/// The keys of a line that come from an entry, in upstream's order and without nulls: current_steps ... percentage.
Json trainer_log_line(const Json& entry, int64_t step, int64_t total_steps);
/// RECORD_VRAM is 1, true or y.
bool record_vram_enabled();

}  // namespace lf
