#include "train/report/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/log.h"
#include "base/terminal.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr const char* kClearLine = "\r\x1b[K";

std::string bar_cells(double share, int cells, bool utf8) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double filled = share * cells;
  const int whole = std::min(cells, static_cast<int>(filled));
  std::string text;
  int used = whole;
  for (int i = 0; i < whole; ++i) text += utf8 ? "█" : "#";
  if (whole < cells) {
    const double rest = filled - whole;
    const std::string part = utf8          ? kEighths[static_cast<int>(rest * 8)]
                             : rest >= 0.1 ? std::string(1, static_cast<char>('0' + static_cast<int>(rest * 10)))
                                           : "";
    used += part.empty() ? 0 : 1;
    text += part;
  }
  return text + std::string(static_cast<size_t>(cells - used), ' ');
}

std::string rate_text(double rate) {
  if (rate <= 0) return "? s/step";
  return rate < 1 ? fmt::format("{:.2f} s/step", 1 / rate) : fmt::format("{:.2f} steps/s", rate);
}

std::string figures_of(const Json& logs) {
  static constexpr std::pair<const char*, const char*> kShown[] = {{"loss", "loss"},
                                                                   {"eval_loss", "eval loss"},
                                                                   {"rewards/accuracies", "acc"},
                                                                   {"reward", "reward"},
                                                                   {"learning_rate", "lr"}};
  std::string text;
  for (const auto& [key, name] : kShown) {
    auto value = logs.find(key);
    if (value == logs.end() || !value->is_number()) continue;
    if (!text.empty()) text += "  ";
    text += fmt::format("{} {:.4g}", name, value->get<double>());
  }
  return text;
}

}  // namespace

std::string progress_line(const Json& logs) {
  std::string text = "{";
  for (auto it = logs.begin(); it != logs.end(); ++it) {
    if (it.key() == "total_flos") continue;
    if (text.size() > 1) text += ", ";
    text += python_repr(it.key()) + ": ";
    if (it->is_number_float())
      text += fmt::format("'{:.4g}'", it->get<double>());
    else
      text += it->is_string() ? python_repr(it->get_ref<const std::string&>()) : python_value_str(*it);
  }
  return text + "}";
}

std::string render_bar(const BarView& view) {
  const double share =
      view.total > 0 ? std::clamp(static_cast<double>(view.done) / static_cast<double>(view.total), 0.0, 1.0) : 0;
  const std::string head = fmt::format("{} {:3.0f}%|", view.label, std::floor(share * 100));
  const std::string left =
      view.done >= view.total && view.total > 0 ? "" : "<" + (view.rate > 0 ? python_timedelta(view.remaining) : "?");
  const std::string total = view.total > 0 ? fmt::format("{}", view.total) : "?";
  std::string tail =
      fmt::format("| {}/{} [{}{}, {}]", view.done, total, python_timedelta(view.elapsed), left, rate_text(view.rate));
  const int width = std::max(view.width - 1, 1);  // the last column stays free: terminals wrap there
  const int fixed = display_width(head) + display_width(tail);
  const int figures = view.figures.empty() ? 0 : display_width(view.figures) + 1;
  if (figures > 0 && fixed + figures + 6 <= width) tail += fmt::format(" {}", view.figures);
  const int cells = std::min(40, width - display_width(head) - display_width(tail));
  const std::string text = head + (cells > 0 ? bar_cells(share, cells, view.utf8) : "") + tail;
  return std::string(fit_columns(text, width));
}

Progress::Progress(ProgressOptions options) : options_(std::move(options)) {
  bar_ = !options_.quiet && !options_.disable_bar && terminal_is_rich(options_.bar_fd);
  utf8_ = terminal_is_utf8();
  outer_ = {.label = options_.label,
            .total = options_.total,
            .done = options_.start,
            .start = options_.start,
            .clock = Stopwatch(),
            .base_elapsed = options_.elapsed};
  if (!bar_) return;
  set_log_sink([this](LogLevel, const std::string& text) {
    std::lock_guard lock(mutex_);
    clear_bar();
    write_fully(options_.bar_fd, text + "\n");
    draw(true);
  });
  std::lock_guard lock(mutex_);
  draw(true);
}

Progress::~Progress() {
  if (!bar_) return;
  set_log_sink(nullptr);
  std::lock_guard lock(mutex_);
  clear_bar();
}

std::string Progress::line() const {
  const Task& task = inner_active_ ? inner_ : outer_;
  const double session = task.clock.seconds();
  const auto made = static_cast<double>(task.done - task.start);
  const double rate = made > 0 && session > 0 ? made / session : 0;
  const double remaining = rate > 0 ? static_cast<double>(task.total - task.done) / rate : 0;
  return render_bar({.label = task.label,
                     .done = task.done,
                     .total = task.total,
                     .elapsed = task.base_elapsed + session,
                     .remaining = remaining,
                     .rate = rate,
                     .figures = inner_active_ ? std::string_view() : figures_,
                     .width = terminal_width(options_.bar_fd),
                     .utf8 = utf8_});
}

void Progress::draw(bool force) {
  if (!bar_ || finished_) return;
  const double now = monotonic_seconds();
  if (!force && now - last_draw_ < kRedrawSeconds) return;
  last_draw_ = now;
  write_fully(options_.bar_fd, kClearLine + line());
  drawn_ = true;
}

void Progress::clear_bar() {
  if (drawn_) write_fully(options_.bar_fd, kClearLine);
  drawn_ = false;
}

void Progress::update(int64_t done) {
  std::lock_guard lock(mutex_);
  outer_.done = done;
  draw(false);
}

void Progress::print(std::string_view text) {
  if (options_.quiet || text.empty()) return;
  std::lock_guard lock(mutex_);
  clear_bar();
  std::fflush(stdout);
  write_fully(options_.text_fd, text.back() == '\n' ? std::string(text) : std::string(text) + "\n");
  draw(true);
}

void Progress::log(const Json& logs) {
  if (options_.quiet) return;
  {
    std::lock_guard lock(mutex_);
    if (finished_ && !options_.disable_bar) return;
    const std::string figures = figures_of(logs);
    if (!figures.empty()) figures_ = figures;
  }
  print(progress_line(logs));
}

void Progress::begin_inner(std::string label, int64_t total) {
  std::lock_guard lock(mutex_);
  inner_ = {.label = std::move(label), .total = total, .done = 0, .start = 0, .clock = Stopwatch(), .base_elapsed = 0};
  inner_active_ = true;
  draw(true);
}

void Progress::update_inner(int64_t done) {
  std::lock_guard lock(mutex_);
  inner_.done = done;
  draw(false);
}

void Progress::end_inner() {
  std::lock_guard lock(mutex_);
  inner_active_ = false;
  draw(true);
}

void Progress::finish(std::string_view summary) {
  double seconds = 0;
  {
    std::lock_guard lock(mutex_);
    if (finished_) return;
    inner_active_ = false;
    seconds = outer_.base_elapsed + outer_.clock.seconds();
    draw(true);
    if (drawn_) write_fully(options_.bar_fd, "\n");
    drawn_ = false;
    finished_ = true;
  }
  if (!summary.empty() && !options_.quiet) log_info("train", "{} ({})", summary, python_timedelta(seconds));
}

}  // namespace lf
