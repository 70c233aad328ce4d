#include "base/clock.h"

#include <gtest/gtest.h>

namespace lf {
namespace {

TEST(Clock, durations_look_like_python_timedelta) {
  EXPECT_EQ(python_timedelta(0.9), "0:00:00");
  EXPECT_EQ(python_timedelta(65.99), "0:01:05");
  EXPECT_EQ(python_timedelta(36000), "10:00:00");
  EXPECT_EQ(python_timedelta(86400), "1 day, 0:00:00");
  EXPECT_EQ(python_timedelta(2 * 86400 + 3661), "2 days, 1:01:01");
  EXPECT_EQ(python_timedelta(-1), "-1 day, 23:59:59");
}

TEST(Clock, written_durations_are_read_back) {
  for (const double seconds : {0.0, 59.0, 3600.0, 86399.0, 86400.0, 200000.0, 9e6}) {
    double back = -1;
    ASSERT_TRUE(parse_timedelta(python_timedelta(seconds), back)) << python_timedelta(seconds);
    EXPECT_EQ(back, seconds);
  }
  double back = 0;
  for (const char* bad : {"", "1:2", "a:b:c", "0:00:00 ", "0:00:001x"}) EXPECT_FALSE(parse_timedelta(bad, back)) << bad;
}

TEST(Clock, a_stopwatch_goes_on_from_earlier_time) {
  const Stopwatch watch(100);
  EXPECT_GE(watch.seconds(), 100);
  EXPECT_LT(watch.seconds(), 101);
}

}  // namespace
}  // namespace lf
