#include "base/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

namespace lf {
namespace {

TEST(Terminal, width_counts_columns_not_bytes) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("损失"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("😀"), 2);
  EXPECT_EQ(display_width("█▌"), 2);
}

TEST(Terminal, text_is_cut_between_characters) {
  EXPECT_EQ(fit_columns("损失", 3), "损");
  EXPECT_EQ(fit_columns("abc", 3), "abc");
  EXPECT_EQ(fit_columns("abc", 0), "");
}

TEST(Terminal, a_pipe_is_no_rich_terminal) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_FALSE(is_terminal(ends[1]));
  EXPECT_FALSE(terminal_is_rich(ends[1]));
  ::close(ends[0]);
  auto* previous = ::signal(SIGPIPE, SIG_IGN);
  EXPECT_FALSE(write_fully(ends[1], "nobody reads this"));
  ::signal(SIGPIPE, previous);
  ::close(ends[1]);
}

}  // namespace
}  // namespace lf
