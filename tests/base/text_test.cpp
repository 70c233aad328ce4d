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

std::string object_of(size_t keys, const std::string& more) {
  std::string text = "{";
  for (size_t i = keys; i-- > 0;) text += fmt::format(R"("k{}": {}, )", i, i);
  return text + more + "}";
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (auto it = object.begin(); it != object.end(); ++it) keys.push_back(it.key());
  return keys;
}

TEST(Json, reads_every_kind_of_value_in_the_order_of_the_text) {
  const std::string text =
      R"({"z":[1,-2,[],{},[[{"b":[{"y":1},{"x":[2]}],"a":{}}],3]],"a":{"n":null,"t":true,"f":false},"m":1.5,)"
      R"("u":18446744073709551615,"s":"é\n","":{"":[""]}})";
  const Json root = parse_json(text, "file.json");
  EXPECT_EQ(root.dump(), text);
  EXPECT_EQ(root, Json::parse(text));
  EXPECT_TRUE(root["u"].is_number_unsigned());
  for (const char* whole : {"7", "\"x\"", "null", "[]", "{}", "[null]"}) EXPECT_EQ(parse_json(whole, "").dump(), whole);
}

TEST(Json, objects_may_have_very_many_keys) {
  const size_t count = 200'000;
  const Json root = parse_json(object_of(count, R"("last": {"k0": [0]})"), "file.json");
  ASSERT_EQ(root.size(), count + 1);
  const std::vector<std::string> keys = keys_of(root);
  EXPECT_EQ(keys.front(), "k199999");
  EXPECT_EQ(keys[count - 1], "k0");
  EXPECT_EQ(keys.back(), "last");
  EXPECT_EQ(root["k0"], 0);
  EXPECT_EQ(root["k77777"], 77777);
  EXPECT_EQ(root["last"].dump(), R"({"k0":[0]})");
}

TEST(Json, a_key_that_appears_twice_is_refused_or_replaced_where_it_first_stood) {
  for (const size_t keys : {2, 15, 16, 17, 1000}) {
    const std::string text = object_of(keys, R"("k1": {"k1": [true]})");
    try {
      parse_json(text, "file.json");
      FAIL() << keys;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kFormat);
      EXPECT_STREQ(error.what(), "file.json: the key \"k1\" appears twice in one object");
    }
    const Json root = parse_json(text, "file.json", {.allow_duplicate_keys = true});
    ASSERT_EQ(root.size(), keys);
    EXPECT_EQ(keys_of(root)[keys - 2], "k1");
    EXPECT_EQ(root["k1"].dump(), R"({"k1":[true]})");
    EXPECT_EQ(root["k0"], 0);
  }
}

}  // namespace lf
