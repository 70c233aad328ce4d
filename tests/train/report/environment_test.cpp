#include "train/report/environment.h"

#include <gmock/gmock.h>

namespace lf {
namespace {

TEST(Environment, names_can_stand_in_file_names_and_lines) {
  EXPECT_FALSE(host_name().empty());
  EXPECT_EQ(host_name().find_first_of("/ \n"), std::string::npos);
  EXPECT_THAT(environment_summary(), ::testing::HasSubstr("libtorch " + libtorch_version()));
  EXPECT_THAT(environment_summary(), ::testing::Not(::testing::HasSubstr("\n")));
}

}  // namespace
}  // namespace lf
