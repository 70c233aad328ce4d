// What a user sees while a run goes on: a bar on a terminal (stderr), and one line for each thing logged on stdout.
// Log lines of base/log.h pass around the bar while this object lives.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"

namespace lf {

struct ProgressOptions {
  std::string label = "train";
  int64_t total = 0;
  int64_t start = 0;         // steps done before this session (resume)
  double elapsed = 0;        // seconds used before this session
  bool disable_bar = false;  // disable_tqdm
  bool quiet = false;        // not the first rank: nothing at all
  int bar_fd = 2;
  int text_fd = 1;
};

class Progress {
 public:
  explicit Progress(ProgressOptions options);
  /// Removes an unfinished bar and gives the log back its stderr.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` steps are finished; redraws at most ten times a second.
  void update(int64_t done);
  /// Prints {'loss': '9.163', 'grad_norm': '4.651', ...} on stdout as transformers does, and keeps the figures for the
  /// bar. After finish() only with disable_bar: the metrics block says the same.
  void log(const Json& logs);
  /// A second bar in place of the first (evaluation, prediction) until end_inner.
  void begin_inner(std::string label, int64_t total);
  void update_inner(int64_t done);
  void end_inner();
  /// Any other text for stdout ("***** train metrics *****" blocks), bar moved aside. Newline is added when missing.
  void print(std::string_view text);
  /// Draws the bar a last time, ends its line and logs `summary` (if any) with the time used.
  void finish(std::string_view summary = "");

  bool has_bar() const { return bar_; }

 private:
  struct Task {
    std::string label;
    int64_t total = 0, done = 0, start = 0;
    Stopwatch clock;
    double base_elapsed = 0;
  };
  void draw(bool force);
  void clear_bar();
  std::string line() const;

  ProgressOptions options_;
  bool bar_ = false;
  bool utf8_ = false;
  bool drawn_ = false;
  bool inner_active_ = false;
  bool finished_ = false;
  Task outer_, inner_;
  std::string figures_;  // "loss 1.234  lr 2.0e-04"
  double last_draw_ = -1;
  std::mutex mutex_;
};

/// str(dict) of a log entry as transformers prints it: floats as strings of 4 significant digits, total_flos left out.
std::string progress_line(const Json& logs);

struct BarView {
  std::string_view label;
  int64_t done = 0, total = 0;
  double elapsed = 0, remaining = 0;  // seconds
  double rate = 0;                    // steps per second in this session, 0 = unknown
  std::string_view figures;
  int width = 80;
  bool utf8 = true;
};
/// "train  37%|###7      | 37/100 [0:01:02<0:01:46, 1.68 s/step] loss 1.234", never wider than view.width.
std::string render_bar(const BarView& view);

}  // namespace lf
