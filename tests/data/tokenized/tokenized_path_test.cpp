// Prepared data on disk, written and read by us (tests/interop/test_tokenized_path.py: by Python datasets and back).
#include "data/tokenized/tokenized_path.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <tuple>

#include "base/error.h"
#include "data/fakes.h"
#include "data/tokenized/dataset_files.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using lf::testing::write_bytes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Dataset plain_rows() {
  Dataset data;
  data.append({.ids = {1, 2, 3}, .labels = {-100, 2, 3}});
  data.append({.ids = {4}, .labels = {4}});
  return data;
}

Dataset packed_rows(bool separate) {
  Dataset data;
  data.append({.ids = {11, 12, 13, 21, 22, 3, 3},
               .labels = {-100, 12, 13, -100, 22, -100, -100},
               .starts = {0, 3},
               .padding = 2,
               .separate = separate});
  data.append({.ids = {11, 12, 13, 14, 15, 16, 3},
               .labels = {-100, 12, 13, 14, 15, 16, -100},
               .starts = {0},
               .padding = 1,
               .separate = separate});
  return data;
}

Dataset two_sequences(ExampleKind kind) {
  Dataset data;
  for (int32_t i = 0; i < 3; ++i) {
    EncodedExample row{.ids = {1, 5 + i}, .labels = {-100, 5 + i}};
    row.kind = kind;
    row.second_ids = {1, 7, 8 + i};
    row.second_labels = {-100, -100, 8 + i};
    row.desirable = kind == ExampleKind::kFeedback && i == 1;
    data.append(row);
  }
  return data;
}

class TokenizedPathTest : public ::testing::Test {
 protected:
  fs::path path() const { return folder_ / "tokenized"; }
  void stage(const std::string& name, bool neat = false) {
    config_.finetuning.stage = name;
    config_.data.neat_packing = neat;
  }
  PreparedData back(PreparedData data) const {
    fs::remove_all(path());
    write_tokenized(path(), data, config_);
    return read_tokenized(path(), config_);
  }
  void expect_same(const Dataset& data) const {
    PreparedData prepared;
    prepared.train = data;
    const PreparedData read = back(std::move(prepared));
    ASSERT_EQ(read.train.size(), data.size());
    for (int64_t i = 0; i < data.size(); ++i) EXPECT_EQ(read.train.row(i), data.row(i)) << i;
  }
  std::string refusal() const {
    try {
      read_tokenized(path(), config_);
    } catch (const Error& error) {
      return fmt::format("{}: {}", kind_name(error.kind()), error.what());
    }
    return "accepted";
  }

  lf::testing::TempFolder folder_;
  RunConfig config_;
};

TEST_F(TokenizedPathTest, RowsOfEveryStageComeBack) {
  expect_same(plain_rows());
  expect_same(packed_rows(false));
  stage("sft", true);
  expect_same(packed_rows(true));
  stage("dpo");
  expect_same(two_sequences(ExampleKind::kPairwise));
  stage("kto");
  expect_same(two_sequences(ExampleKind::kFeedback));
  stage("pt");
  Dataset text;
  text.append({.ids = {1, 2, 3}, .labels = {1, 2, 3}});
  expect_same(text);
  stage("ppo");
  Dataset prompts;
  EncodedExample prompt{.ids = {1, 2}, .labels = {5, 6, 7}};
  prompt.kind = ExampleKind::kUnsupervised;
  prompts.append(prompt);
  expect_same(prompts);
}

/// With tests/interop/test_tokenized_path.py: folders for Python in LF_TOKENIZED_OUT, folders of Python in
/// LF_TOKENIZED_IN.
TEST_F(TokenizedPathTest, PythonReadsOursAndWeReadPythons) {
  const char* out = std::getenv("LF_TOKENIZED_OUT");
  const char* in = std::getenv("LF_TOKENIZED_IN");
  const std::vector<std::tuple<std::string, bool, Dataset>> sets = {
      {"sft", false, plain_rows()},
      {"sft", false, packed_rows(false)},
      {"sft", true, packed_rows(true)},
      {"dpo", false, two_sequences(ExampleKind::kPairwise)},
      {"kto", false, two_sequences(ExampleKind::kFeedback)}};
  for (size_t i = 0; i < sets.size(); ++i) {
    const auto& [name, neat, dataset] = sets[i];
    stage(name, neat);
    PreparedData data;
    data.train = dataset;
    if (out) write_tokenized(fs::path(out) / std::to_string(i), data, config_);
    if (!in) continue;
    const Dataset read = read_tokenized(fs::path(in) / std::to_string(i), config_).train;
    ASSERT_EQ(read.size(), dataset.size()) << i;
    for (int64_t row = 0; row < read.size(); ++row) EXPECT_EQ(read.row(row), dataset.row(row)) << i;
  }
}

TEST_F(TokenizedPathTest, EvaluationSetsAreSplitsOfTheirOwn) {
  PreparedData data;
  data.train = plain_rows();
  data.eval.emplace_back("", plain_rows());
  EXPECT_EQ(back(data).eval.size(), 1);
  EXPECT_TRUE(fs::exists(path() / "validation/state.json"));
  data.eval = {{"one", plain_rows()}, {"two", plain_rows()}};
  const PreparedData read = back(data);
  ASSERT_EQ(read.eval.size(), 2);
  EXPECT_EQ(read.eval[1].first, "two");
  EXPECT_TRUE(fs::exists(path() / "validation_two/data-00000-of-00001.arrow"));
}

TEST_F(TokenizedPathTest, OneDatasetWithoutSplitsIsForTraining) {
  write_split(path(), plain_rows(), {});
  EXPECT_EQ(read_tokenized(path(), config_).train.size(), 2);
}

TEST_F(TokenizedPathTest, AFolderIsWrittenWholeAndNothingIsOverwritten) {
  PreparedData data;
  data.train = plain_rows();
  fs::create_directories(path());  // an empty folder may stand there
  write_tokenized(path(), data, config_);
  for (const auto& item : fs::directory_iterator(folder_.path())) EXPECT_EQ(item.path(), path());
  EXPECT_THROW(write_tokenized(path(), data, config_), Error);
  fs::remove_all(path());
  fs::create_directories(path());
  write_bytes(path() / "notes.txt", "mine");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("data: "), HasSubstr("holds no dataset"), HasSubstr("name another folder")));
}

TEST_F(TokenizedPathTest, DataOfAnotherStageIsNamed) {
  PreparedData data;
  data.train = plain_rows();
  write_tokenized(path(), data, config_);
  stage("dpo");
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("column 'chosen_input_ids' was needed"),
                    HasSubstr("the columns are input_ids, attention_mask, labels"), HasSubstr("another stage?")));
}

TEST_F(TokenizedPathTest, DamagedFoldersAreNamedByFile) {
  PreparedData data;
  data.train = plain_rows();
  write_tokenized(path(), data, config_);
  const fs::path file = path() / "train/data-00000-of-00001.arrow";
  const auto size = fs::file_size(file);
  for (const auto keep : {size / 2, size - 20, size_t{10}, size_t{0}}) {
    fs::resize_file(file, keep);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("format: "), HasSubstr("data-00000-of-00001.arrow"))) << keep;
  }
  fs::remove(file);
  EXPECT_THAT(refusal(), HasSubstr("data-00000-of-00001.arrow"));
  write_bytes(path() / "train/state.json", R"({"_data_files": [{"filename": "../../x.arrow"}]})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("'../../x.arrow'"), HasSubstr("not the name of a file")));
  write_bytes(path() / "train/state.json", "{}");
  EXPECT_THAT(refusal(), HasSubstr("'_data_files'"));
  write_bytes(path() / "dataset_dict.json", R"({"splits": ["../train"]})");
  EXPECT_THAT(refusal(), HasSubstr("is no name"));
}

}  // namespace
}  // namespace lf
