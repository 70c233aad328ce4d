#include "hub/patterns.h"

#include <gtest/gtest.h>

#include <string>

namespace lf {
namespace {

struct Case {
  const char* name;
  const char* pattern;
  bool hit;
};

// Expected values: Python's fnmatch.fnmatchcase.
TEST(Patterns, names_match_as_in_fnmatch) {
  for (const auto& [name, pattern, hit] :
       std::initializer_list<Case>{{"a/b.json", "*.json", true},
                                   {"a/b.json", "a?b.json", true},
                                   {"model-00001-of-00002.safetensors", "model-*-of-*.safetensors", true},
                                   {"model.safetensors", "model*.bin", false},
                                   {"x1", "x[0-9]", true},
                                   {"xa", "x[!0-9]", true},
                                   {"x1", "x[!0-9]", false},
                                   {"x]", "x[]]", true},
                                   {"x[", "x[", true},
                                   {"", "*", true},
                                   {"abc", "a*b*c*", true},
                                   {"ac", "a*b*c", false},
                                   {"data/x.csv", "data/", true},
                                   {"A.json", "a.json", false}}) {
    EXPECT_EQ(matches_name(name, pattern), hit) << name << " " << pattern;
  }
}

// Expected values: fsspec.utils.glob_translate with datasets' rules for hidden and special names.
TEST(Patterns, paths_match_as_in_fsspec) {
  for (const auto& [name, pattern, hit] :
       std::initializer_list<Case>{{"a/b.csv", "*.csv", false},
                                   {"b.csv", "*.csv", true},
                                   {"a/b.csv", "**/*.csv", true},
                                   {"b.csv", "**/*.csv", true},
                                   {"a/b/c.csv", "a/**", true},
                                   {"a", "a/**", false},
                                   {"a/b/c.csv", "**", true},
                                   {"x/train/y/z.csv", "**/train/**", true},
                                   {"train.csv", "**/train/**", false},
                                   {"train.csv", "**/train[-._ 0-9]*", true},
                                   {"training.csv", "**/train[-._ 0-9]*", false},
                                   {"my_train.csv", "**/*[-._ 0-9]train[-._ 0-9]*", true},
                                   {"a/.hidden/b.csv", "**", false},
                                   {"a/.hidden/b.csv", "a/.hidden/*", true},
                                   {"__pycache__/b.csv", "**", false},
                                   {"__special__/b.csv", "__special__/*", true},
                                   {".b.csv", "*.csv", false}}) {
    EXPECT_EQ(matches_path(name, pattern), hit) << name << " " << pattern;
  }
}

TEST(Patterns, hostile_patterns_take_no_time) {
  std::string pattern = "**/a", path = "a";
  for (int i = 0; i < 25; ++i) {
    pattern += "/**/a";
    path += "/a/b";
  }
  EXPECT_FALSE(matches_path(path, pattern + "/c"));
  EXPECT_FALSE(matches_name(std::string(5000, 'a'), "a*a*a*a*a*a*a*a*a*a*a*b"));
}

}  // namespace
}  // namespace lf
