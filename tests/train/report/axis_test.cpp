#include "train/report/axis.h"

#include <gmock/gmock.h>

#include <cmath>

namespace lf {
namespace {

using ::testing::ElementsAre;

TEST(Axis, ticks_are_round_numbers_inside_the_range) {
  EXPECT_THAT(nice_ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(nice_ticks(7.4, 10.1, 6), ElementsAre(7.5, 8, 8.5, 9, 9.5, 10));
  EXPECT_TRUE(nice_ticks(1, 1, 5).empty());
  EXPECT_TRUE(nice_ticks(0, INFINITY, 5).empty());
}

TEST(Axis, steps_are_marked_at_whole_numbers_only) {
  EXPECT_THAT(make_axis(1, 3, 7, true).labels, ElementsAre("1", "2", "3"));
  EXPECT_THAT(make_axis(5, 5, 7, true).labels, ElementsAre("5"));
}

TEST(Axis, labels_have_the_decimals_they_need) {
  EXPECT_THAT(make_axis(0.1, 0.25, 4, false).labels, ElementsAre("0.10", "0.15", "0.20", "0.25"));
  EXPECT_THAT(make_axis(2e-5, 4e-5, 3, false).labels, ElementsAre("2e-05", "3e-05", "4e-05"));
  EXPECT_THAT(make_axis(0, 4e6, 7, true).labels, ElementsAre("0", "1e+06", "2e+06", "3e+06", "4e+06"));
}

TEST(Axis, a_constant_curve_gets_room_around_it) {
  const Axis axis = make_axis(2, 2, 5, false);
  EXPECT_LT(axis.low, 2);
  EXPECT_GT(axis.high, 2);
  EXPECT_GE(axis.ticks.size(), 2);
}

}  // namespace
}  // namespace lf
