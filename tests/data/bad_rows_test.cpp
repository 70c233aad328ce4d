#include "data/source/bad_rows.h"

#include <gmock/gmock.h>

namespace lf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Action>
std::string refusal(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(kind_name(error.kind())) + ": " + error.what();
  }
  return "accepted";
}

TEST(BadRows, PolicyIsOneOfThreeForms) {
  EXPECT_FALSE(BadRowPolicy::parse("error").skip);
  EXPECT_TRUE(BadRowPolicy::parse("skip").skip);
  EXPECT_EQ(BadRowPolicy::parse("skip:5%").most_percent, 5);
  EXPECT_EQ(BadRowPolicy::parse("skip:0.5%").most_percent, 0.5);
  for (const char* text :
       {"", "ignore", "skip:", "skip:%", "skip:5", "skip:-1%", "skip:101%", "skip:x%", "skip:nan%"}) {
    EXPECT_THAT(refusal([&] { BadRowPolicy::parse(text); }), HasSubstr("on_bad_row must be error, skip, or skip:N%"))
        << text;
  }
}

TEST(BadRows, AreErrorsUnlessSkipped) {
  const Error bad(ErrorKind::kData, "f: row 2: broken");
  EXPECT_EQ(refusal([&] { BadRows(BadRowPolicy::parse("error")).add(bad); }), "data: f: row 2: broken");
  BadRows rows(BadRowPolicy::parse("skip:10%"));
  EXPECT_EQ(rows.text(), "");
  rows.add(bad);
  rows.add(Error(ErrorKind::kData, "f: row 9: broken too"));
  EXPECT_EQ(rows.count(), 2);
  EXPECT_EQ(rows.text(), "2 bad rows skipped (first: f: row 2: broken)");
  EXPECT_EQ(refusal([&] { rows.check(20); }), "accepted");
  EXPECT_THAT(refusal([&] { rows.check(19); }),
              AllOf(HasSubstr("data: 2 of 19 rows (10.5 %) are bad, and on_bad_row allows 10 %"), HasSubstr("row 2")));
}

TEST(BadRows, ABrokenFileIsNoBadRow) {
  BadRows rows(BadRowPolicy::parse("skip"));
  EXPECT_EQ(refusal([&] { rows.add(Error(ErrorKind::kFormat, "the file ends")); }), "format: the file ends");
  EXPECT_EQ(rows.count(), 0);
}

}  // namespace
}  // namespace lf
