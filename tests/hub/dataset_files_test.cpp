#include "hub/dataset_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace lf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Names = std::vector<std::string>;

Names choose(const Names& names, const DatasetChoice& choice = {}, std::string_view card = "") {
  return choose_dataset_files(names, parse_dataset_configs(card, "README.md"), choice, "dataset a/b");
}

std::string problem(const Names& names, const DatasetChoice& choice = {}, std::string_view card = "") {
  try {
    choose(names, choice, card);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// The expected lists are those of datasets 4.0.0 (get_data_patterns and resolve_pattern over the same names).
TEST(DatasetFiles, splits_by_names) {
  EXPECT_THAT(choose({"README.md", "data.csv", "b.csv"}), ElementsAre("b.csv", "data.csv"));
  EXPECT_THAT(choose({"train.jsonl", "test.jsonl"}), ElementsAre("train.jsonl"));
  EXPECT_THAT(choose({"train.jsonl", "test.jsonl"}, {.split = "test"}), ElementsAre("test.jsonl"));
  EXPECT_THAT(choose({"x/dev.json", "x/train_1.json", "x/train_0.json"}, {.split = "validation"}),
              ElementsAre("x/dev.json"));
  EXPECT_THAT(choose({"x/dev.json", "x/train_1.json", "x/train_0.json"}),
              ElementsAre("x/train_0.json", "x/train_1.json"));
  EXPECT_THAT(choose({"data/train/a.csv", "data/train/b.csv", "data/test/a.csv"}),
              ElementsAre("data/train/a.csv", "data/train/b.csv"));
  EXPECT_THAT(choose({"data/train-00001-of-00002.parquet", "data/train-00000-of-00002.parquet",
                      "data/extra-00000-of-00001.parquet"}),
              ElementsAre("data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet"));
  EXPECT_THAT(choose({"data/extra-00000-of-00001-abc.parquet"}, {.split = "extra"}),
              ElementsAre("data/extra-00000-of-00001-abc.parquet"));
}

TEST(DatasetFiles, what_is_no_data_is_left_out) {
  EXPECT_THAT(choose({".gitattributes", "README.md", "LICENSE", "config.json", "dataset_infos.json", ".x/a.json",
                      "__p__/a.json", "a.json", "img.png"}),
              ElementsAre("a.json"));
  EXPECT_THAT(choose({"a.parquet", "b.parquet", "notes.txt"}), ElementsAre("a.parquet", "b.parquet"))
      << "the most frequent type";
  EXPECT_THAT(choose({"a.parquet", "b.json"}), ElementsAre("a.parquet")) << "Parquet when even";
  EXPECT_THAT(choose({"a.jsonl.gz", "b.json.zst"}), ElementsAre("a.jsonl.gz", "b.json.zst"));
  EXPECT_THAT(problem({"README.md", "a.png"}), HasSubstr("no data files"));
}

TEST(DatasetFiles, folder) {
  const Names names = {"a/train.csv", "a/test.csv", "b/x.csv", "ab/y.csv"};
  EXPECT_THAT(choose(names, {.folder = "a"}), ElementsAre("a/train.csv"));
  EXPECT_THAT(choose(names, {.folder = "./b/"}), ElementsAre("b/x.csv"));
  EXPECT_THAT(problem(names, {.folder = "c"}), HasSubstr("in folder c"));
}

constexpr const char* kCard = R"(---
license: mit
configs:
- config_name: en
  data_files: en/*.json
- config_name: zh
  default: true
  data_files:
  - split: train
    path: [zh/a.json, "zh/b*.json"]
  - split: held_out
    path: zh/c.json
- config_name: dir
  data_dir: other
---
# text
--- not yaml: [
)";

TEST(DatasetFiles, configurations_of_the_card) {
  const Names names = {"en/1.json",  "en/2.json", "zh/a.json",       "zh/b1.json",
                       "zh/b2.json", "zh/c.json", "other/test.json", "other/train.json"};
  EXPECT_THAT(choose(names, {.subset = "en"}, kCard), ElementsAre("en/1.json", "en/2.json"));
  EXPECT_THAT(choose(names, {}, kCard), ElementsAre("zh/a.json", "zh/b1.json", "zh/b2.json"));
  EXPECT_THAT(choose(names, {.subset = "zh", .split = "held_out"}, kCard), ElementsAre("zh/c.json"));
  EXPECT_THAT(choose(names, {.subset = "dir", .split = "test"}, kCard), ElementsAre("other/test.json"));
  EXPECT_THAT(problem(names, {.subset = "eN"}, kCard), HasSubstr("did you mean en"));
  EXPECT_THAT(problem(names, {.split = "tran"}, kCard),
              HasSubstr("Unknown split \"tran\". Should be one of train, held_out"));
  EXPECT_THAT(problem({"zh/b1.json"}, {}, kCard), HasSubstr("'zh/a.json', which is not there"));
  EXPECT_THAT(problem({"a.json"}, {.subset = "en"}), HasSubstr("no subset 'en'"));
}

TEST(DatasetFiles, cards_without_a_default) {
  EXPECT_THAT(
      problem({"a.json", "b.json"}, {},
              "---\nconfigs:\n- config_name: a\n  data_files: a.json\n- config_name: b\n  data_files: b.json\n---\n"),
      HasSubstr("give subset: one of a, b"));
  EXPECT_THAT(problem({"a.json"}, {}, "---\nconfigs:\n- config_name: a\n  data_files: https://x/y.json\n---\n"),
              HasSubstr("outside of the repository"));
}

TEST(DatasetFiles, malformed_cards_are_errors) {
  for (const char* bad :
       {"configs: 3", "configs: [3]", "configs:\n- a: b", "configs:\n- config_name: [1]",
        "configs:\n- config_name: a\n  data_files: {a: b}", "configs:\n- config_name: a\n  data_files:\n  - split: x",
        "configs: [", "configs:\n- config_name: a\n  data_files:\n  - {split: x, path: y}\n  - {split: x, path: z}"}) {
    EXPECT_THROW(parse_dataset_configs("---\n" + std::string(bad) + "\n---\n", "README.md"), Error) << bad;
  }
  for (const char* none : {"", "# text", "---\nno end", "---\nlicense: mit\n---\n", "---\nconfigs:\n---\n"}) {
    EXPECT_TRUE(parse_dataset_configs(none, "README.md").empty()) << none;
  }
}

TEST(DatasetFiles, parquet_conversion) {
  const Names names = {"en/train/0001.parquet", "en/train/0000.parquet", "en/partial-test/0000.parquet",
                       "zh/train/0000.parquet", ".gitattributes"};
  EXPECT_THAT(choose_converted_files(names, {.subset = "en"}, "d"),
              ElementsAre("en/train/0000.parquet", "en/train/0001.parquet"));
  EXPECT_THAT(choose_converted_files(names, {.subset = "en", .split = "test"}, "d"),
              ElementsAre("en/partial-test/0000.parquet"));
  EXPECT_THROW(choose_converted_files(names, {}, "d"), Error);
  EXPECT_THROW(choose_converted_files({}, {}, "d"), Error);
}

}  // namespace
}  // namespace lf
