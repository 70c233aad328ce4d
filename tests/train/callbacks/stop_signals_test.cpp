#include "train/callbacks/stop_signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace lf {
namespace {

/// Exit status of a child that runs `body`.
int status_of_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!::freopen("/dev/null", "w", stderr)) ::_exit(99);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

TEST(StopSignals, the_first_signal_asks_and_its_exit_code_tells_which) {
  const std::pair<int, int> cases[] = {{SIGINT, 130}, {SIGTERM, 143}, {SIGUSR1, 0}};
  for (const auto& [signal, code] : cases) {
    const int status = status_of_child([signal = signal, code = code] {
      StopSignals signals;
      if (signals.requested() != 0 || signals.exit_code() != 0) return 1;
      ::raise(signal);
      return signals.requested() == signal && signals.exit_code() == code && signals.name()[0] == 'S' ? 42 : 2;
    });
    EXPECT_EQ(status, 42) << signal;
  }
}

TEST(StopSignals, the_second_signal_ends_the_process_at_once) {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
    EXPECT_EQ(status_of_child([signal = signal] {
                StopSignals signals;
                ::raise(SIGUSR1);
                ::raise(SIGUSR1);
                ::raise(signal);
                return 42;
              }),
              code);
  }
}

TEST(StopSignals, a_lost_terminal_or_pipe_does_not_end_a_run) {
  EXPECT_EQ(status_of_child([] {
              StopSignals signals;
              ::raise(SIGHUP);
              ::raise(SIGPIPE);
              return signals.hangup() && signals.requested() == 0 ? 42 : 1;
            }),
            42);
}

TEST(StopSignals, the_previous_handlers_come_back) {
  EXPECT_EQ(status_of_child([] {
              { StopSignals signals; }
              ::raise(SIGTERM);
              return 42;
            }),
            1000 + SIGTERM);
  EXPECT_EQ(status_of_child([] {
              StopSignals signals({.web_abort = true});
              ::raise(SIGABRT);
              return signals.exit_code() == 0 && signals.requested() == SIGABRT ? 42 : 1;
            }),
            42);
}

}  // namespace
}  // namespace lf
