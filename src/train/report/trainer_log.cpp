#include "train/report/trainer_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/atomic_file.h"
#include "train/report/python_text.h"

namespace lf {
namespace {

constexpr const char* kFileName = "trainer_log.jsonl";

/// What names a line or an entry of log_history: the step and the figures that both carry.
std::string identity(const Json& line, int64_t step) {
  std::string text = std::to_string(step);
  for (const char* key : {"loss", "eval_loss", "predict_loss", "reward"}) {
    auto found = line.find(key);
    text += found == line.end() || found->is_null() ? " -" : " " + python_json(*found);
  }
  return text;
}

/// The whole lines of an existing log that are objects with current_steps; an unfinished or foreign line is left out.
std::vector<Json> read_lines(const std::filesystem::path& path) {
  std::vector<Json> lines;
  const std::string text = read_file(path);
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) break;
    try {
      Json line = parse_python_json(std::string_view(text).substr(at, end - at), path.string());
      if (line.is_object() && line.contains("current_steps") && line["current_steps"].is_number()) {
        lines.push_back(std::move(line));
      }
    } catch (const Error&) {
      log_warn("trainer_log", "{}: a line that is not JSON is dropped", path.string());
    }
    at = end + 1;
  }
  return lines;
}

std::vector<Json> lines_until(const std::vector<Json>& lines, int64_t step) {
  std::vector<Json> kept;
  for (const Json& line : lines) {
    if (line["current_steps"].get<int64_t>() <= step) kept.push_back(line);
  }
  return kept;
}

/// One line for each entry of the history: the existing one where it is found, else one made anew without timing.
std::vector<Json> lines_of_history(const std::vector<Json>& lines, const Json& history, int64_t total_steps) {
  std::vector<Json> kept;
  size_t next = 0;
  for (const Json& entry : history) {
    const int64_t step = entry.value("step", int64_t{0});
    const std::string wanted = identity(entry, step);
    size_t at = next;
    while (at < lines.size() && identity(lines[at], lines[at]["current_steps"].get<int64_t>()) != wanted) ++at;
    if (at < lines.size()) {
      kept.push_back(lines[at]);
      next = at + 1;
    } else {
      kept.push_back(trainer_log_line(entry, step, total_steps));
    }
  }
  return kept;
}

/// A last line without its end, left by a run that was killed while it wrote: the next line must not be glued to it.
void drop_torn_line(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  const size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  if (whole < text.size()) std::filesystem::resize_file(path, whole);
}

}  // namespace

bool record_vram_enabled() {
  const char* value = std::getenv("RECORD_VRAM");
  const std::string text = value ? to_lower(value) : "";
  return text == "1" || text == "true" || text == "y";
}

Json trainer_log_line(const Json& entry, int64_t step, int64_t total_steps) {
  static constexpr std::pair<const char*, const char*> kKeys[] = {
      {"loss", "loss"},     {"eval_loss", "eval_loss"},         {"predict_loss", "predict_loss"},
      {"reward", "reward"}, {"accuracy", "rewards/accuracies"}, {"lr", "learning_rate"},
      {"epoch", "epoch"}};
  Json line = Json::object();
  line["current_steps"] = step;
  line["total_steps"] = total_steps;
  for (const auto& [name, key] : kKeys) {
    auto found = entry.find(key);
    if (found != entry.end() && !found->is_null()) line[name] = *found;
  }
  if (total_steps == 0) {
    line["percentage"] = 100;
  } else {
    line["percentage"] = python_round(static_cast<double>(step) / static_cast<double>(total_steps) * 100, 2);
  }
  return line;
}

TrainerLog::TrainerLog(TrainerLogOptions options) : options_(std::move(options)), path_(options_.folder / kFileName) {
  create_folder(options_.folder);
  const bool exists = std::filesystem::exists(path_);
  if (options_.resume_step > 0 && exists) {
    resume();
  } else if (options_.overwrite && exists && options_.resume_step == 0) {
    log_warn("trainer_log", "Previous trainer log in this folder will be deleted.");
    std::filesystem::remove(path_);
  } else if (exists) {
    drop_torn_line(path_);
  }
}

void TrainerLog::resume() {
  const std::vector<Json> lines = read_lines(path_);
  const std::vector<Json> kept = options_.resume_history.empty()
                                     ? lines_until(lines, options_.resume_step)
                                     : lines_of_history(lines, options_.resume_history, options_.total_steps);
  std::string text;
  double elapsed = 0;
  for (const Json& line : kept) {
    text += python_json_ascii(line) + "\n";
    const std::string shown = line.value("elapsed_time", std::string());
    double seconds = 0;
    if (parse_timedelta(shown, seconds)) elapsed = seconds;
  }
  write_file_durably(path_, text);
  session_start_ = elapsed;
  clock_ = Stopwatch(elapsed);
}

double TrainerLog::remaining_seconds(int64_t step) const {
  const int64_t made = step - options_.resume_step;
  if (made <= 0) return 0;
  const double pace = (elapsed_seconds() - session_start_) / static_cast<double>(made);
  return static_cast<double>(options_.total_steps - step) * pace;
}

void TrainerLog::add_timing(Json& line, int64_t step) const {
  line["elapsed_time"] = python_timedelta(elapsed_seconds());
  line["remaining_time"] = python_timedelta(remaining_seconds(step));
}

void TrainerLog::append(const Json& entry, int64_t step, int64_t total_tokens, const std::optional<VramUsage>& vram) {
  if (ended_) return;
  ended_ = entry.contains("train_loss");
  Json line = trainer_log_line(entry, step, options_.total_steps);
  add_timing(line, step);
  if (total_tokens > 0) {
    const double seconds = std::max(elapsed_seconds(), 1e-6);
    line["throughput"] = python_round(static_cast<double>(total_tokens) / seconds, 2);
    line["total_tokens"] = total_tokens;
  }
  if (vram) {
    line["vram_allocated"] = python_round(vram->allocated, 2);
    line["vram_reserved"] = python_round(vram->reserved, 2);
  }
  write_line(line);
}

void TrainerLog::append_progress(int64_t step) {
  Json line = trainer_log_line(Json::object(), step, options_.total_steps);
  add_timing(line, step);
  write_line(line);
}

void TrainerLog::write_line(const Json& line) {
  const std::string text = python_json_ascii(line) + "\n";
  // Opened anew for each line: a log that was rotated or deleted meanwhile simply starts again.
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  bool written = false;
  int error = errno;
  if (fd >= 0) {
    struct stat before {};
    const bool known = ::fstat(fd, &before) == 0;
    const ssize_t count = ::write(fd, text.data(), text.size());
    error = count < 0 ? errno : ENOSPC;
    written = count == static_cast<ssize_t>(text.size());
    if (!written && known && ::ftruncate(fd, before.st_size) != 0) error = errno;
    ::close(fd);
  }
  if (!written && !failed_) {
    log_warn("trainer_log", "{}: cannot be written ({}); training goes on", path_.string(), std::strerror(error));
  }
  failed_ = !written;
}

}  // namespace lf
