#include "hub/names.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace lf {
namespace {

TEST(Names, hostile_file_names_are_refused) {
  for (const char* bad : {"", "/etc/passwd", "../up", "a/../b", "a/..", "./a", "a//b", "a/", "C:/x", "C:x", "a/D:x",
                          "a\\b", "..\\b", "a\nb", "a\x1b[2J", "a\x7f",
                          "\xc2\x9b"
                          "31m",
                          "\xff\xfe"}) {
    EXPECT_THROW(check_repo_file(bad), Error) << bad;
  }
  EXPECT_THROW(check_repo_file(std::string(300, 'x')), Error);
  EXPECT_THROW(check_repo_file(std::string("a\0b", 3)), Error);
  for (const char* good :
       {"config.json", "a/b/c.txt", ".gitattributes", "...", "a b.txt", "数据.json", "a/..b", "x:y"}) {
    if (std::string(good) == "x:y") continue;  // "x:" is a drive
    EXPECT_NO_THROW(check_repo_file(good)) << good;
  }
}

TEST(Names, repository_ids_follow_the_hubs_rules) {
  for (const char* good : {"gpt2", "Qwen/Qwen2.5-7B", "a_b/c.d-e"}) EXPECT_TRUE(is_repo_id(good)) << good;
  for (const char* bad :
       {"", "a/b/c", "/a", "a/", "./a", "../a", "a--b/c", "a..b", "a.git", "a b", "-a", "a-", ".a", "a/b:c", "~/x"}) {
    EXPECT_FALSE(is_repo_id(bad)) << bad;
  }
}

TEST(Names, revisions) {
  for (const char* good : {"main", "v1.0", "refs/pr/1", "refs/convert/parquet"}) EXPECT_NO_THROW(check_revision(good));
  for (const char* bad : {"", "..", "a/../b", "/a", "a\\b"}) EXPECT_THROW(check_revision(bad), Error) << bad;
}

TEST(Names, etags_lose_their_quotes_and_must_be_file_names) {
  EXPECT_EQ(etag_name("\"abc\""), "abc");
  EXPECT_EQ(etag_name("W/\"abc-1\""), "abc-1");
  EXPECT_EQ(etag_name("abc"), "abc");
  for (const char* bad : {"", "\"\"", "\"../x\"", "\"a/b\"", "\".\"", "\"a b\""})
    EXPECT_THROW(etag_name(bad), Error) << bad;
}

}  // namespace
}  // namespace lf
