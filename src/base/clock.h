// Time: durations from the monotonic clock (a changed system clock or daylight saving never bends them), stamps from
// the local one.
#pragma once
#include <cstdint>
#include <string>

namespace lf {

/// Seconds of the monotonic clock; only differences mean anything.
double monotonic_seconds();
/// Seconds since 1970 of the system clock, for stamps that others read.
double unix_seconds();

/// Seconds since construction, plus `already` (time of an earlier part of the same run).
class Stopwatch {
 public:
  explicit Stopwatch(double already = 0) : start_(monotonic_seconds() - already) {}
  double seconds() const { return monotonic_seconds() - start_; }

 private:
  double start_;
};

/// strftime of the local time now, e.g. "%b%d_%H-%M-%S".
std::string local_time_text(const char* format);
/// Python's str(timedelta(seconds=int(seconds))): "0:01:05", "1 day, 2:00:00", "-1 day, 23:59:59".
std::string python_timedelta(double seconds);
/// Reads what python_timedelta wrote; false when `text` is not such a text.
bool parse_timedelta(const std::string& text, double& seconds);

}  // namespace lf
