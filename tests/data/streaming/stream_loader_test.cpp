// Streamed batches over files on disk: the same as prepared ones where the order is the same, and the same after any
// interruption.
#include "data/streaming/stream_loader.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "data/fakes.h"
#include "data/prepare.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using lf::testing::ByteTokenizer;
using lf::testing::LetterTemplate;
using lf::testing::write_bytes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int64_t> ids_of(const Batch& batch) {
  return {batch.ids.const_data_ptr<int64_t>(), batch.ids.const_data_ptr<int64_t>() + batch.ids.numel()};
}

class StreamLoaderTest : public ::testing::Test {
 protected:
  StreamLoaderTest() {
    config_.data.dataset_dir = folder_.path().string();
    config_.data.dataset = {"a", "b"};
    config_.data.packing = false;
    config_.data.streaming = true;
    config_.data.buffer_size = 5;
    config_.training.max_steps = 10;
    config_.training.per_device_train_batch_size = 3;
    write_bytes(folder_ / "dataset_info.json", R"({"a": {"file_name": "a.jsonl"}, "b": {"file_name": "b.json"}})");
    write_rows(17, 11);
  }

  void write_rows(int a, int b) const {
    std::string lines, array = "[";
    for (int i = 0; i < a; ++i) lines += row("a", i) + "\n";
    for (int i = 0; i < b; ++i) array += (i > 0 ? "," : "") + row("b", i);
    write_bytes(folder_ / "a.jsonl", lines);
    write_bytes(folder_ / "b.json", array + "]");
  }
  static std::string row(const std::string& name, int number) {
    return fmt::format(R"({{"instruction": "{}{}", "input": "", "output": "{}"}})", name, number,
                       std::string(number % 5 + 1, 'x'));
  }

  PreparedData prepare() const { return prepare_datasets(config_, tokenizer_, template_); }
  std::string text(const Batch& batch) const {
    const auto ids = ids_of(batch);
    return tokenizer_.decode(std::vector<TokenId>(ids.begin(), ids.end()), false);
  }
  /// Batches of the first epochs, an empty text at the end of each.
  std::vector<std::string> read(BatchSource& loader, int epochs, size_t most = SIZE_MAX) const {
    std::vector<std::string> out;
    while (out.size() < most && loader.cursor().epoch < epochs) {
      const auto batch = loader.next();
      out.push_back(batch ? fmt::format("{} {}", fmt::join(batch->bounds, ","), text(*batch)) : "");
    }
    return out;
  }
  void check_every_cut() const {
    const PreparedData data = prepare();
    const auto whole = read(*make_train_loader(data, config_), 3);
    ASSERT_GT(whole.size(), 6);
    for (size_t cut = 0; cut < whole.size(); ++cut) {
      const auto first = make_train_loader(data, config_);
      auto batches = read(*first, 3, cut);
      const std::string stored = first->position().dump();
      const auto second = make_train_loader(data, config_);
      SCOPED_TRACE(stored);
      second->restore(Json::parse(stored));
      EXPECT_EQ(second->cursor(), first->cursor());
      const auto rest = read(*second, 3);
      batches.insert(batches.end(), rest.begin(), rest.end());
      ASSERT_EQ(batches, whole) << "cut at " << cut;
    }
  }
  std::string refusal() const {
    try {
      const PreparedData data = prepare();
      data.first_train_row();
      read(*make_train_loader(data, config_), 1);
    } catch (const Error& error) {
      return fmt::format("{}: {}", kind_name(error.kind()), error.what());
    }
    return "accepted";
  }

  lf::testing::TempFolder folder_;
  RunConfig config_;
  ByteTokenizer tokenizer_;
  LetterTemplate template_;
};

TEST_F(StreamLoaderTest, WithABufferOfOneTheRowsAreThoseOfTheFiles) {
  config_.data.dataset = {"a"};
  config_.data.buffer_size = 1;
  RunConfig prepared = config_;
  prepared.data.streaming = false;
  prepared.finetuning.disable_shuffling = true;
  const PreparedData whole = prepare_datasets(prepared, tokenizer_, template_);
  const PreparedData streamed = prepare();
  EXPECT_EQ(read(*make_train_loader(streamed, config_), 2), read(*make_train_loader(whole, prepared), 2));
}

TEST_F(StreamLoaderTest, EachEpochHasAnOrderOfItsOwn) {
  const PreparedData data = prepare();
  const auto loader = make_train_loader(data, config_);
  const auto first = read(*loader, 1), second = read(*loader, 2);
  EXPECT_EQ(first.size(), 11);
  EXPECT_EQ(second.size(), 11);
  EXPECT_NE(first, second);
  EXPECT_EQ(first, read(*make_train_loader(data, config_), 1));
}

TEST_F(StreamLoaderTest, ResumesAtEveryBatch) { check_every_cut(); }

TEST_F(StreamLoaderTest, ResumesAtEveryBatchWhileInterleaving) {
  for (const char* strategy : {"interleave_under", "interleave_over", "interleave_once"}) {
    config_.data.mix_strategy = strategy;
    config_.data.interleave_probs = {};
    check_every_cut();
    config_.data.interleave_probs = {0.3, 0.7};
    check_every_cut();
  }
}

TEST_F(StreamLoaderTest, ResumesAtEveryBatchWhilePacking) {
  config_.data.packing = true;
  config_.data.cutoff_len = 30;
  config_.data.preprocessing_batch_size = 7;
  config_.training.per_device_train_batch_size = 1;
  check_every_cut();
  config_.data.neat_packing = true;
  check_every_cut();
}

TEST_F(StreamLoaderTest, ResumesAtEveryBatchOfManyRowsInSmallAndLargeWindows) {
  write_rows(2500, 900);
  config_.data.buffer_size = 700;
  config_.training.per_device_train_batch_size = 400;
  check_every_cut();
  config_.data.preprocessing_batch_size = 13;
  check_every_cut();
}

TEST_F(StreamLoaderTest, ResumesAtEveryBatchWithSeveralWorkers) {
  config_.training.dataloader_num_workers = 3;
  check_every_cut();
  config_.training.dataloader_drop_last = true;
  config_.data.mix_strategy = "interleave_over";
  check_every_cut();
}

TEST_F(StreamLoaderTest, WorkersTakeTurns) {
  config_.data.dataset = {"a"};
  config_.data.buffer_size = 1;
  config_.training.dataloader_num_workers = 2;
  config_.training.per_device_train_batch_size = 4;
  const PreparedData data = prepare();
  std::vector<size_t> rows;
  const auto loader = make_train_loader(data, config_);
  while (const auto batch = loader->next()) rows.push_back(batch->rows);
  EXPECT_THAT(rows, ElementsAre(4, 4, 4, 4, 1));  // 9 and 8 rows, turn by turn
  config_.training.dataloader_num_workers = 20;
  EXPECT_THAT(refusal(), HasSubstr("17 rows cannot be shared out among 20 workers"));
}

TEST_F(StreamLoaderTest, TheValidationPartIsTakenFromTheShuffledStreamAndLeftOutOfTraining) {
  config_.data.val_size = 6;
  const PreparedData data = prepare();
  auto evals = make_eval_loaders(data, config_);
  ASSERT_EQ(evals.size(), 1);
  int64_t evaluated = 0, trained = 0;
  while (const auto batch = evals[0].second->next()) evaluated += batch->rows;
  const auto train = make_train_loader(data, config_);
  while (const auto batch = train->next()) trained += batch->rows;
  EXPECT_EQ(evaluated, 6);
  EXPECT_EQ(trained, 22);
  evals[0].second->seek({0, 0});
  EXPECT_TRUE(evals[0].second->next());
}

TEST_F(StreamLoaderTest, EvaluationSetsComeTogetherOrEachByItself) {
  config_.data.eval_dataset = {"a", "b"};
  const PreparedData together = prepare();
  EXPECT_EQ(make_eval_loaders(together, config_).size(), 1);
  config_.data.eval_on_each_dataset = true;
  const PreparedData apart = prepare();
  const auto loaders = make_eval_loaders(apart, config_);
  ASSERT_EQ(loaders.size(), 2);
  EXPECT_EQ(loaders[1].first, "b");
  EXPECT_THAT(text(*loaders[1].second->next()), HasSubstr("Ub0A"));  // in the order of the file
}

TEST_F(StreamLoaderTest, BadRowsAreNamedWhenTheirTurnComes) {
  config_.data.dataset = {"a"};
  write_bytes(folder_ / "a.jsonl", row("a", 0) + "\n{broken\n" + row("a", 2) + "\n");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("data: "), HasSubstr("a.jsonl: row 2")));
  write_bytes(folder_ / "a.jsonl", "");
  EXPECT_THAT(refusal(), HasSubstr("Cannot find valid samples"));
  std::string lines;
  for (int i = 0; i < 1200; ++i) lines += "{\"instruction\": \"q\", \"input\": \"\", \"outputs\": \"a\"}\n";
  write_bytes(folder_ / "a.jsonl", lines);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("column 'output' is in no row"), HasSubstr("did you mean outputs?")));
}

TEST_F(StreamLoaderTest, APositionOfAnotherStreamIsRefused) {
  const PreparedData data = prepare();
  const auto loader = make_train_loader(data, config_);
  read(*loader, 1, 3);
  const Json position = loader->position();
  const auto refuse = [&](const char* why) {
    const PreparedData other = prepare();
    const auto fresh = make_train_loader(other, config_);
    try {
      fresh->restore(position);
      read(*fresh, 1);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(why));
      return;
    }
    ADD_FAILURE() << "accepted: " << why;
  };
  config_.training.dataloader_num_workers = 2;
  refuse("set dataloader_num_workers back");
  config_.training.dataloader_num_workers = 0;
  config_.data.buffer_size = 2;
  refuse("does not fit buffer_size 2");
  config_.data.buffer_size = 5;
  write_rows(2, 1);
  refuse("the stream ends before the place");
}

TEST_F(StreamLoaderTest, CannotSavePreparedData) {
  config_.data.tokenized_path = (folder_ / "tokenized").string();
  EXPECT_THAT(refusal(), HasSubstr("turn off streaming"));
}

}  // namespace
}  // namespace lf
