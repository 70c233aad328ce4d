// Text from outside: what is shown of it, and what is refused as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"

namespace lf {

TEST(Printable, keeps_characters_whole_and_escapes_what_is_not_one) {
  EXPECT_EQ(printable("tab\tline\nbell\a é 爱 😀"), "tab\\tline\\nbell\\x07 é 爱 😀");
  EXPECT_EQ(printable("a\xff\xc3("), "a\\xff\\xc3(");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate is not a character";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("爱爱", 4), "爱...");
  EXPECT_EQ(printable("abc", 3), "abc");
}

TEST(Json, a_nul_byte_is_not_the_end) {
  try {
    parse_json(std::string_view("{\"a\": 1}\n\0garbage", 16), "file.json");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("file.json:2:1: not valid JSON: a NUL byte"));
  }
}

}  // namespace lf
