#include "hub/progress.h"

#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/terminal.h"

namespace lf {
namespace {

constexpr double kRedrawSeconds = 0.1;

std::string time_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::min(seconds, 360000.0));
  return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                       : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

DownloadProgress::DownloadProgress(std::string title, size_t files, uint64_t total)
    : title_(std::move(title)),
      files_(files),
      total_(total),
      terminal_(is_terminal(STDERR_FILENO)),
      started_(monotonic_seconds()) {
  log_info("hub", "Downloading {} file{}{} of {}", files_, files_ == 1 ? "" : "s",
           total_ ? " (" + human_bytes(total_) + ")" : "", title_);
}

DownloadProgress::~DownloadProgress() {
  if (shown_) write_fully(STDERR_FILENO, "\r\x1b[K");
}

void DownloadProgress::add(int64_t bytes, bool received) {
  const std::scoped_lock lock(mutex_);
  bytes_ += bytes;
  if (received) received_ += bytes;
  draw(false);
}

void DownloadProgress::file_done(const std::string& name, uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  ++done_;
  if (terminal_) return draw(true);
  log_info("hub", "{}: {} ({} of {})", printable(name), human_bytes(bytes), done_, files_);
}

void DownloadProgress::draw(bool now) {
  const double at = monotonic_seconds();
  if (!terminal_ || (!now && at - drawn_ < kRedrawSeconds)) return;
  drawn_ = at;
  const double rate = static_cast<double>(std::max<int64_t>(received_, 0)) / std::max(at - started_, 0.1);
  const auto bytes = static_cast<uint64_t>(std::max<int64_t>(bytes_, 0));
  std::string line = fmt::format("{}: {}/{} files, {}", title_, done_, files_, human_bytes(bytes));
  if (total_)
    line += fmt::format(" of {} ({:.0f}%)", human_bytes(total_),
                        100.0 * static_cast<double>(bytes) / static_cast<double>(total_));
  line += fmt::format(", {}/s", human_bytes(static_cast<uint64_t>(rate)));
  if (total_ > bytes && rate > 1)
    line += fmt::format(", {} left", time_text(static_cast<double>(total_ - bytes) / rate));
  shown_ = true;
  write_fully(STDERR_FILENO, fmt::format("\r{}\x1b[K", fit_columns(line, terminal_width(STDERR_FILENO) - 1)));
}

}  // namespace lf
