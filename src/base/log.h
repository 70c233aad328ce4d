// Log lines on stderr: `[INFO|2026-01-31 12:00:00] module >> text` (upstream's format). Control characters are escaped.
// The level comes from LLAMAFACTORY_VERBOSITY (DEBUG, INFO, WARN, ERROR; default INFO).
#pragma once
#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>

namespace lf {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

void log_line(LogLevel level, std::string_view module, std::string_view text);
void set_log_level(LogLevel level);
/// Replaces where finished lines go (tests, progress bars); null restores stderr.
void set_log_sink(std::function<void(LogLevel, const std::string& line)> sink);

template <class... Args>
void log_debug(std::string_view module, fmt::format_string<Args...> f, Args&&... args) {
  log_line(LogLevel::kDebug, module, fmt::format(f, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(std::string_view module, fmt::format_string<Args...> f, Args&&... args) {
  log_line(LogLevel::kInfo, module, fmt::format(f, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(std::string_view module, fmt::format_string<Args...> f, Args&&... args) {
  log_line(LogLevel::kWarn, module, fmt::format(f, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view module, fmt::format_string<Args...> f, Args&&... args) {
  log_line(LogLevel::kError, module, fmt::format(f, std::forward<Args>(args)...));
}

}  // namespace lf
