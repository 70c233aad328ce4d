#include "train/callbacks/stop_signals.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <iterator>
#include <string_view>

#include "base/error.h"

namespace lf {
namespace {

std::atomic<bool> in_use{false};
std::atomic<int> first_signal{0};
std::atomic<bool> hung_up{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

int status_of(int signal) {
  if (signal == SIGINT) return 130;
  return signal == SIGTERM ? 143 : 0;
}

/// Only async-signal-safe calls here.
void say(std::string_view text) {
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) hung_up = true;
}

void on_stop(int signal) {
  const int saved = errno;
  int none = 0;
  if (!first_signal.compare_exchange_strong(none, signal)) {
    if (signal == SIGUSR1) return;  // schedulers repeat their warning
    say("\nstopping now, without saving\n");
    ::_exit(status_of(signal));
  }
  say("\nwill save and stop after this step; once more stops at once\n");
  errno = saved;
}

void on_hangup(int) { hung_up = true; }

}  // namespace

StopSignals::StopSignals(StopSignalsOptions options) {
  LF_ASSERT(!in_use.exchange(true));
  first_signal = 0;
  hung_up = false;
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    const int signal = kSignals[i];
    if (signal == SIGABRT && !options.web_abort) continue;
    struct sigaction action {};
    action.sa_handler = signal == SIGHUP || signal == SIGPIPE ? on_hangup : on_stop;
    action.sa_flags = SA_RESTART;
    sigfillset(&action.sa_mask);
    installed_[i] = ::sigaction(signal, &action, &previous_[i]) == 0;
    // nohup and the like: what was to be ignored stays ignored, except for the wish to stop.
    if (installed_[i] && signal == SIGHUP && previous_[i].sa_handler == SIG_IGN)
      ::sigaction(signal, &previous_[i], nullptr);
  }
}

StopSignals::~StopSignals() {
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    if (installed_[i]) ::sigaction(kSignals[i], &previous_[i], nullptr);
  }
  in_use = false;
}

int StopSignals::requested() const { return first_signal.load(std::memory_order_relaxed); }

int StopSignals::exit_code() const { return status_of(requested()); }

const char* StopSignals::name() const {
  switch (requested()) {
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    case SIGUSR1:
      return "SIGUSR1";
    case SIGABRT:
      return "SIGABRT";
    default:
      return "";
  }
}

bool StopSignals::hangup() const { return hung_up.load(std::memory_order_relaxed); }

}  // namespace lf
