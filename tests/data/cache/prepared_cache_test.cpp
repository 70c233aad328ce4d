// The cache of prepared data: found when nothing changed, made anew when anything did, never trusted blindly.
#include "data/cache/prepared_cache.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "data/fakes.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using lf::testing::LetterTemplate;
using lf::testing::write_bytes;
using ::testing::Contains;
using ::testing::HasSubstr;

/// A tokenizer that can be told apart by its file.
class FiledTokenizer final : public lf::testing::ByteTokenizer {
 public:
  std::vector<std::pair<std::string, std::string>> files() const override { return {{"tokenizer.json", content}}; }
  std::string content = "{}";
};

class PreparedCacheTest : public ::testing::Test {
 protected:
  PreparedCacheTest() {
    config_.data.dataset_dir = folder_.path().string();
    config_.data.dataset = {"toy"};
    config_.data.packing = false;
    write_bytes(folder_ / "dataset_info.json", R"({"toy": {"file_name": "toy.json"}})");
    rows("a1");
    set_log_sink([this](LogLevel level, const std::string& line) {
      hits_ += line.find("prepared data taken from") != std::string::npos;
      if (level == LogLevel::kWarn) warnings_.push_back(line);
    });
  }
  ~PreparedCacheTest() override { set_log_sink(nullptr); }

  void rows(const std::string& answer) const {
    write_bytes(folder_ / "toy.json", R"([{"instruction": "q", "input": "", "output": ")" + answer +
                                          R"("}, {"instruction": "q2", "input": "", "output": "b"}])");
  }
  CacheOptions options() const { return {folder_ / "cache", most_}; }
  PreparedData prepare() const { return prepare_datasets(config_, tokenizer_, template_, options()); }
  /// Whether preparing took the data from the cache.
  bool hit() {
    const int before = hits_;
    prepare();
    return hits_ > before;
  }
  std::vector<fs::path> entries() const {
    std::vector<fs::path> found;
    for (const auto& item : fs::directory_iterator(folder_ / "cache"))
      if (fs::exists(item.path() / "entry.json")) found.push_back(item.path());
    return found;
  }

  lf::testing::TempFolder folder_;
  RunConfig config_;
  FiledTokenizer tokenizer_;
  LetterTemplate template_;
  uint64_t most_ = 1 << 20;
  int hits_ = 0;
  std::vector<std::string> warnings_;
};

TEST_F(PreparedCacheTest, UnchangedDataIsNotPreparedTwice) {
  EXPECT_FALSE(hit());
  EXPECT_TRUE(hit());
  most_ = 0;
  const uint64_t fresh = prepare().train.fingerprint();
  most_ = 1 << 20;
  EXPECT_EQ(prepare().train.fingerprint(), fresh);
}

TEST_F(PreparedCacheTest, WhateverDecidesAboutTokensMakesANewEntry) {
  hit();
  const auto changed = [&](const char* what, auto change, auto undo) {
    change();
    EXPECT_FALSE(hit()) << what;
    EXPECT_TRUE(hit()) << what;
    undo();
    EXPECT_TRUE(hit()) << what;
  };
  changed(
      "content", [&] { rows("a2"); }, [&] { rows("a1"); });
  changed(
      "cutoff_len", [&] { config_.data.cutoff_len = 4; }, [&] { config_.data.cutoff_len = 2048; });
  changed(
      "train_on_prompt", [&] { config_.data.train_on_prompt = true; }, [&] { config_.data.train_on_prompt = false; });
  changed(
      "max_samples", [&] { config_.data.max_samples = 1; }, [&] { config_.data.max_samples.reset(); });
  changed(
      "val_size", [&] { config_.data.val_size = 1; }, [&] { config_.data.val_size = 0; });
  changed(
      "tokenizer", [&] { tokenizer_.content = "{ }"; }, [&] { tokenizer_.content = "{}"; });
  changed(
      "template", [&] { template_ = LetterTemplate(true); }, [&] { template_ = LetterTemplate(); });
  changed(
      "columns",
      [&] {
        write_bytes(
            folder_ / "dataset_info.json",
            R"({"toy": {"file_name": "toy.json", "columns": {"prompt": "instruction", "response": "output"}}})");
      },
      [&] { write_bytes(folder_ / "dataset_info.json", R"({"toy": {"file_name": "toy.json"}})"); });
  config_.training.learning_rate = 5;
  EXPECT_TRUE(hit());
}

TEST_F(PreparedCacheTest, ACopyOfTheFileElsewhereIsTheSameData) {
  hit();
  fs::create_directory(folder_ / "moved");
  fs::rename(folder_ / "toy.json", folder_ / "moved/toy.json");
  fs::rename(folder_ / "dataset_info.json", folder_ / "moved/dataset_info.json");
  config_.data.dataset_dir = (folder_ / "moved").string();
  EXPECT_TRUE(hit());
}

TEST_F(PreparedCacheTest, OverwriteCacheRenews) {
  hit();
  config_.data.overwrite_cache = true;
  EXPECT_FALSE(hit());
  config_.data.overwrite_cache = false;
  EXPECT_TRUE(hit());
}

TEST_F(PreparedCacheTest, PackedRowsAndEvaluationSetsComeBackExactly) {
  config_.data.packing = true;
  config_.data.cutoff_len = 20;
  config_.data.eval_dataset = {"toy"};
  config_.data.eval_on_each_dataset = true;
  const PreparedData made = prepare();
  const PreparedData found = prepare();
  EXPECT_EQ(hits_, 1);
  ASSERT_EQ(found.train.size(), made.train.size());
  for (int64_t i = 0; i < made.train.size(); ++i) EXPECT_EQ(found.train.row(i), made.train.row(i));
  ASSERT_EQ(found.eval.size(), 1);
  EXPECT_EQ(found.eval[0].first, "toy");
}

TEST_F(PreparedCacheTest, WarningsAboutRowsAreRepeated) {
  write_bytes(folder_ / "toy.json", R"([{"conversations": [{"from": "gpt", "value": "a"}]},
    {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "b"}]}])");
  write_bytes(folder_ / "dataset_info.json", R"({"toy": {"file_name": "toy.json", "formatting": "sharegpt"}})");
  prepare();
  ASSERT_EQ(warnings_.size(), 1) << "no row was dropped";
  EXPECT_TRUE(hit());
  ASSERT_EQ(warnings_.size(), 2);
  EXPECT_EQ(warnings_[0].substr(warnings_[0].find("toy")), warnings_[1].substr(warnings_[1].find("toy")));
}

TEST_F(PreparedCacheTest, ADamagedEntryIsMadeAnewWithAWarning) {
  const uint64_t fingerprint = prepare().train.fingerprint();
  for (int damage = 0; damage < 4; ++damage) {
    ASSERT_EQ(entries().size(), 1);
    const fs::path entry = entries()[0], file = entry / "train/data-00000-of-00001.arrow";
    if (damage == 0) fs::resize_file(file, fs::file_size(file) / 2);
    if (damage == 1) fs::remove(file);
    if (damage == 2) write_bytes(entry / "entry.json", "{\"files\": 7}");
    if (damage == 3) {
      std::string bytes = lf::testing::read_bytes(file);
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      write_bytes(file, bytes);
    }
    warnings_.clear();
    EXPECT_EQ(prepare().train.fingerprint(), fingerprint) << damage;
    EXPECT_THAT(warnings_, Contains(HasSubstr("cached data is damaged"))) << damage;
    EXPECT_TRUE(hit()) << damage;
  }
}

TEST_F(PreparedCacheTest, TheOldestEntriesGoWhenTheCacheIsFull) {
  hit();
  uint64_t one = 0;
  for (const auto& file : fs::recursive_directory_iterator(entries()[0]))
    one += file.is_regular_file() ? file.file_size() : 0;
  most_ = one * 5 / 2;
  config_.data.cutoff_len = 100;
  hit();
  config_.data.cutoff_len = 2048;
  EXPECT_TRUE(hit());  // used now
  config_.data.cutoff_len = 200;
  hit();
  EXPECT_EQ(entries().size(), 2);
  config_.data.cutoff_len = 2048;
  EXPECT_TRUE(hit());
  config_.data.cutoff_len = 100;
  EXPECT_FALSE(hit());
  most_ = 10;  // too small for any
  config_.data.cutoff_len = 300;
  EXPECT_FALSE(hit());
  EXPECT_FALSE(hit());
}

TEST_F(PreparedCacheTest, AFolderThatCannotBeWrittenIsAWarning) {
  write_bytes(folder_ / "cache", "a file");
  EXPECT_FALSE(hit());
  EXPECT_THAT(warnings_, Contains(HasSubstr("prepared data could not be cached")));
}

TEST_F(PreparedCacheTest, ProcessesMayMakeTheSameEntryAtTheSameTime) {
  const uint64_t fingerprint = prepare_datasets(config_, tokenizer_, template_).train.fingerprint();
  std::vector<std::thread> threads;
  std::atomic<int> same{0};
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { same += prepare().train.fingerprint() == fingerprint; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(same, 8);
  EXPECT_EQ(entries().size(), 1);
}

TEST(CacheOptions, FolderAndSizeComeFromTheEnvironment) {
  setenv("LF_CACHE", "/somewhere", 1);
  setenv("LF_CACHE_GB", "1.5", 1);
  EXPECT_EQ(default_cache_options().folder, "/somewhere/data");
  EXPECT_EQ(default_cache_options().most_bytes, 1500000000);
  unsetenv("LF_CACHE");
  setenv("XDG_CACHE_HOME", "/xdg", 1);
  EXPECT_EQ(default_cache_options().folder, "/xdg/llamafactory/data");
  unsetenv("XDG_CACHE_HOME");
  setenv("LF_CACHE_GB", "much", 1);
  EXPECT_THROW(default_cache_options(), Error);
  unsetenv("LF_CACHE_GB");
  EXPECT_TRUE(default_cache_options().folder.string().ends_with(".cache/llamafactory/data"));
}

}  // namespace
}  // namespace lf
