// SIGINT, SIGTERM, SIGUSR1 (and SIGABRT from the web UI): the first asks to save and stop at the next step boundary,
// the second ends the process at once. SIGHUP and SIGPIPE do not end a run. Handlers are put back on destruction. One
// object at a time.
#pragma once
#include <csignal>
#include <cstdint>

namespace lf {

struct StopSignalsOptions {
  bool web_abort = false;  // LLAMABOARD_ENABLED: SIGABRT asks for a graceful stop
};

class StopSignals {
 public:
  explicit StopSignals(StopSignalsOptions options = {});
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// The signal that asked for a stop, or 0. Cheap: to be read at each micro-batch.
  int requested() const;
  /// Exit status for the run: 130 for SIGINT, 143 for SIGTERM, 0 for SIGUSR1, SIGABRT and no signal.
  int exit_code() const;
  /// "SIGINT", "SIGTERM", ... or "".
  const char* name() const;
  /// The terminal went away (SIGHUP) or a pipe closed.
  bool hangup() const;

 private:
  static constexpr int kSignals[] = {SIGINT, SIGTERM, SIGUSR1, SIGABRT, SIGHUP, SIGPIPE};
  struct sigaction previous_[6];
  bool installed_[6] = {};
};

}  // namespace lf
