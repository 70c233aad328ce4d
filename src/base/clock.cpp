#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace lf {

double monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string local_time_text(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[128];
  return std::string(text, std::strftime(text, sizeof text, format, &local));
}

std::string python_timedelta(double seconds) {
  if (!std::isfinite(seconds)) return "?";
  const int64_t total = static_cast<int64_t>(std::trunc(std::clamp(seconds, -8.6e13, 8.6e13)));
  const int64_t days = total >= 0 ? total / 86400 : -((-total + 86399) / 86400);
  const int64_t rest = total - days * 86400;
  const std::string clock = fmt::format("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
  if (days == 0) return clock;
  return fmt::format("{} day{}, {}", days, days == 1 || days == -1 ? "" : "s", clock);
}

bool parse_timedelta(const std::string& text, double& seconds) {
  long days = 0;
  long hours = 0;
  long minutes = 0;
  long rest = 0;
  int used = -1;
  if (std::sscanf(text.c_str(), "%ld day%*[s,] %ld:%2ld:%2ld%n", &days, &hours, &minutes, &rest, &used) != 4 ||
      used != static_cast<int>(text.size())) {
    days = 0;
    used = -1;
    if (std::sscanf(text.c_str(), "%ld:%2ld:%2ld%n", &hours, &minutes, &rest, &used) != 3) return false;
    if (used != static_cast<int>(text.size())) return false;
  }
  seconds = static_cast<double>(((days * 24 + hours) * 60 + minutes) * 60 + rest);
  return true;
}

}  // namespace lf
