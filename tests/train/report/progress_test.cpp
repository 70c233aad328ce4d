#include "train/report/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "base/terminal.h"
#include "support/shared.h"
#include "train/report/trainer_state.h"

namespace lf {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The two ends of a pipe or of a pseudo terminal.
class Channel {
 public:
  explicit Channel(bool terminal) {
    if (terminal) {
      ends_[0] = ::posix_openpt(O_RDWR | O_NOCTTY);
      ::grantpt(ends_[0]);
      ::unlockpt(ends_[0]);
      ends_[1] = ::open(::ptsname(ends_[0]), O_RDWR | O_NOCTTY);
      const winsize size{.ws_row = 24, .ws_col = 100, .ws_xpixel = 0, .ws_ypixel = 0};
      ::ioctl(ends_[1], TIOCSWINSZ, &size);
    } else if (::pipe(ends_) != 0) {
      ends_[0] = ends_[1] = -1;
    }
  }
  ~Channel() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int input() const { return ends_[1]; }
  std::string read_all() const {
    std::string text;
    char buffer[4096];
    pollfd waiting{.fd = ends_[0], .events = POLLIN, .revents = 0};
    while (::poll(&waiting, 1, 50) > 0 && (waiting.revents & POLLIN)) {
      const ssize_t count = ::read(ends_[0], buffer, sizeof buffer);
      if (count <= 0) break;
      text.append(buffer, static_cast<size_t>(count));
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

class ProgressTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
  }
};

TEST_F(ProgressTest, logged_figures_look_as_transformers_prints_them) {
  const Json logs = {{"loss", 9.162824630737305},    {"grad_norm", 4.65}, {"learning_rate", 0.0}, {"epoch", 0.0277777},
                     {"num_input_tokens_seen", 128}, {"total_flos", 5e8}, {"note", "it's"}};
  EXPECT_EQ(progress_line(logs),
            "{'loss': '9.163', 'grad_norm': '4.65', 'learning_rate': '0', 'epoch': '0.02778', "
            "'num_input_tokens_seen': 128, 'note': \"it's\"}");
}

TEST_F(ProgressTest, the_bar_never_exceeds_the_terminal) {
  for (int width = 1; width < 140; ++width) {
    for (const bool utf8 : {false, true}) {
      const std::string bar = render_bar({.label = "train",
                                          .done = 37,
                                          .total = 100,
                                          .elapsed = 62,
                                          .remaining = 106,
                                          .rate = 0.6,
                                          .figures = "loss 1.234  lr 2e-05",
                                          .width = width,
                                          .utf8 = utf8});
      EXPECT_LT(display_width(bar), std::max(width, 2)) << bar;
    }
  }
}

TEST_F(ProgressTest, the_bar_shows_share_times_rate_and_figures) {
  const BarView view{.label = "train",
                     .done = 37,
                     .total = 100,
                     .elapsed = 62,
                     .remaining = 106,
                     .rate = 0.5,
                     .figures = "loss 1.234",
                     .width = 100,
                     .utf8 = false};
  const std::string bar = render_bar(view);
  EXPECT_THAT(bar, HasSubstr("train  37%|##"));
  EXPECT_THAT(bar, HasSubstr("| 37/100 [0:01:02<0:01:46, 2.00 s/step] loss 1.234"));
  EXPECT_THAT(render_bar({.label = "train", .done = 0, .total = 0}), HasSubstr("train   0%|"));
}

TEST_F(ProgressTest, without_a_terminal_there_is_one_line_for_each_log_and_no_bar) {
  Channel err(false), out(false);
  {
    Progress progress({.total = 2, .bar_fd = err.input(), .text_fd = out.input()});
    EXPECT_FALSE(progress.has_bar());
    progress.update(1);
    progress.log({{"loss", 1.5}});
    progress.begin_inner("eval", 3);
    progress.end_inner();
    progress.print("***** train metrics *****\n");
    progress.finish();
    progress.log({{"eval_loss", 1.5}});
  }
  EXPECT_EQ(out.read_all(), "{'loss': '1.5'}\n***** train metrics *****\n");
  EXPECT_EQ(err.read_all(), "");
}

TEST_F(ProgressTest, log_lines_pass_around_the_bar) {
  Channel err(true), out(false);
  {
    Progress progress({.total = 10, .bar_fd = err.input(), .text_fd = out.input()});
    ASSERT_TRUE(progress.has_bar());
    progress.update(5);
    log_warn("test", "something happened");
    progress.finish();
  }
  const std::string seen = err.read_all();
  EXPECT_THAT(seen, HasSubstr("\r\x1b[K[WARNING|"));
  EXPECT_THAT(seen, HasSubstr("test >> something happened\r\n\r\x1b[Ktrain  50%|"));
  EXPECT_THAT(seen, ::testing::EndsWith("\r\n"));
}

TEST_F(ProgressTest, an_unfinished_bar_is_removed) {
  Channel err(true);
  { Progress progress({.total = 10, .bar_fd = err.input()}); }
  EXPECT_THAT(err.read_all(), ::testing::EndsWith("\r\x1b[K"));
}

TEST_F(ProgressTest, the_bar_is_drawn_at_most_ten_times_a_second) {
  Channel err(true);
  Progress progress({.total = 100000, .bar_fd = err.input()});
  err.read_all();
  const double start = monotonic_seconds();
  for (int64_t step = 1; monotonic_seconds() - start < 0.35; ++step) progress.update(step);
  const std::string seen = err.read_all();
  const auto draws = std::count(seen.begin(), seen.end(), '\r');
  EXPECT_GE(draws, 2);
  EXPECT_LE(draws, 5);
}

TEST_F(ProgressTest, plain_terminals_and_disable_tqdm_get_no_bar) {
  Channel err(true);
  EXPECT_FALSE(Progress({.disable_bar = true, .bar_fd = err.input()}).has_bar());
  EXPECT_FALSE(Progress({.quiet = true, .bar_fd = err.input()}).has_bar());
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(Progress({.bar_fd = err.input()}).has_bar());
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  EXPECT_FALSE(Progress({.bar_fd = err.input()}).has_bar());
}

}  // namespace
}  // namespace lf
