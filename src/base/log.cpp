#include "base/log.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "base/strings.h"

namespace lf {
namespace {

LogLevel level_from_environment() {
  const char* text = std::getenv("LLAMAFACTORY_VERBOSITY");
  std::string name = text ? to_lower(text) : "info";
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warn" || name == "warning") return LogLevel::kWarn;
  if (name == "error" || name == "critical") return LogLevel::kError;
  return LogLevel::kInfo;
}

struct LogState {
  std::mutex mutex;
  LogLevel level = level_from_environment();
  std::function<void(LogLevel, const std::string&)> sink;
};

LogState& state() {
  static LogState* const instance = new LogState;  // outlives every static destructor that may log
  return *instance;
}

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kWarn:
      return "WARNING";
    case LogLevel::kError:
      return "ERROR";
  }
  return "INFO";
}

}  // namespace

void set_log_level(LogLevel level) {
  std::lock_guard lock(state().mutex);
  state().level = level;
}

void set_log_sink(std::function<void(LogLevel, const std::string&)> sink) {
  std::lock_guard lock(state().mutex);
  state().sink = std::move(sink);
}

void log_line(LogLevel level, std::string_view module, std::string_view text) {
  std::lock_guard lock(state().mutex);
  if (level < state().level) return;
  std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
  std::string line = fmt::format("[{}|{}] {} >> {}", level_name(level), stamp, module, printable(text, 16384));
  if (state().sink) {
    state().sink(level, line);
  } else {
    std::fputs((line + "\n").c_str(), stderr);
  }
}

}  // namespace lf
