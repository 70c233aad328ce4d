#include "data/loader.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace lf {
namespace {

using testing::ElementsAre;

std::vector<int64_t> values(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<int64_t>(), tensor.const_data_ptr<int64_t>() + tensor.numel()};
}

/// Two examples of 3 and 2 tokens and one entry of padding, in one row.
EncodedExample pack(bool separate) {
  return {.ids = {11, 12, 13, 21, 22, 3},
          .labels = {-100, 12, 13, 21, 22, -100},
          .starts = {0, 3},
          .padding = 1,
          .separate = separate};
}

TEST(Collate, PutsRowsBehindEachOtherWithoutPadding) {
  Dataset data;
  data.append({.ids = {5, 6, 7}, .labels = {-100, -100, 7}});
  data.append({.ids = {8, 9}, .labels = {8, 9}});
  const Batch batch = collate(data, std::vector<int64_t>{1, 0}, {.pad_to_multiple = 8});
  EXPECT_THAT(values(batch.ids), ElementsAre(8, 9, 5, 6, 7));
  EXPECT_THAT(values(batch.positions), ElementsAre(0, 1, 0, 1, 2));
  EXPECT_THAT(values(batch.targets), ElementsAre(9, -100, -100, 7, -100));
  EXPECT_THAT(batch.bounds, ElementsAre(0, 2, 5));
  EXPECT_THAT(batch.samples, ElementsAre(1, 0));
  EXPECT_EQ(batch.rows, 2);
  EXPECT_EQ(batch.target_count, 2);
  EXPECT_EQ(batch.label_count, 3);  // upstream's divisor counts the label of a first token too
  EXPECT_EQ(batch.padded_tokens, 16);
  EXPECT_EQ(collate(data, std::vector<int64_t>{1, 0}).padded_tokens, 6);
}

TEST(Collate, PlainPackingIsOneSequenceWhosePositionsRestart) {
  Dataset data;
  data.append(pack(false));
  const Batch batch = collate(data, std::vector<int64_t>{0});
  EXPECT_THAT(values(batch.ids), ElementsAre(11, 12, 13, 21, 22));
  EXPECT_THAT(values(batch.positions), ElementsAre(0, 1, 2, 0, 1));
  EXPECT_THAT(values(batch.targets), ElementsAre(12, 13, 21, 22, -100));
  EXPECT_THAT(batch.bounds, ElementsAre(0, 5));
  EXPECT_EQ(batch.padded_tokens, 6);
}

TEST(Collate, NeatPackingIsOneSequenceForEachExample) {
  Dataset data;
  data.append(pack(true));
  data.append(pack(true));
  const Batch batch = collate(data, std::vector<int64_t>{0, 1});
  EXPECT_THAT(batch.bounds, ElementsAre(0, 3, 5, 8, 10));
  EXPECT_THAT(values(batch.positions), ElementsAre(0, 1, 2, 0, 1, 0, 1, 2, 0, 1));
}

TEST(Dataset, GivesBackWhatWasAppended) {
  Dataset data;
  data.append({.ids = {1, 2}, .labels = {1, 2}});
  data.append(pack(false));
  data.append({.ids = {4}, .labels = {-100}});
  EXPECT_EQ(data.size(), 3);
  EXPECT_THAT(data.row(0).labels, ElementsAre(1, 2));
  EXPECT_THAT(data.row(0).starts, ElementsAre());
  EXPECT_THAT(data.row(1).labels, ElementsAre(-100, 12, 13, 21, 22, -100));
  EXPECT_THAT(data.row(1).starts, ElementsAre(0, 3));
  EXPECT_EQ(data.row(1).padding, 1);
  EXPECT_EQ(data.row(2).padding, 0);
  EXPECT_EQ(data.total_tokens(), 8);
  EXPECT_EQ(data.target_tokens(), 5);
  EXPECT_EQ(data.masked_rows(), 1);
}

TEST(Dataset, FingerprintChangesWithAnyLabelAndWithTheOrder) {
  const auto made = [](std::vector<std::vector<int32_t>> labels) {
    Dataset data;
    for (auto& row : labels) data.append({.ids = {1, 2}, .labels = row});
    return data.fingerprint();
  };
  EXPECT_EQ(made({{1, 2}, {-100, 2}}), made({{1, 2}, {-100, 2}}));
  EXPECT_NE(made({{1, 2}, {-100, 2}}), made({{-100, 2}, {1, 2}}));
  EXPECT_NE(made({{1, 2}, {-100, 2}}), made({{1, 2}, {1, 2}}));
}

TEST(Positions, RestartAtEachExampleAndAreZeroOnPadding) {
  EXPECT_THAT(positions_of(pack(true)), ElementsAre(0, 1, 2, 0, 1, 0));
  EXPECT_THAT(segments_of(pack(true)), ElementsAre(1, 1, 1, 2, 2, 0));
  EXPECT_THAT(segments_of(pack(false)), ElementsAre(1, 1, 1, 1, 1, 1));
  EXPECT_THAT(positions_of({.ids = {7, 8}, .labels = {7, 8}}), ElementsAre(0, 1));
}

TEST(DataLoader, ResumesAnywhereWithoutReplay) {
  Dataset data;
  for (int32_t i = 0; i < 10; ++i) data.append({.ids = {i, i}, .labels = {i, i}});
  const SamplerOptions options{.seed = 3, .batch_size = 4};
  DataLoader whole(data, options);
  std::vector<std::vector<int64_t>> batches;
  std::vector<DataCursor> cursors;
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (DataCursor at = whole.cursor();; at = whole.cursor()) {
      const auto batch = whole.next();
      if (!batch) break;
      cursors.push_back(at);
      batches.push_back(batch->samples);
    }
    EXPECT_EQ(whole.cursor(), (DataCursor{epoch + 1, 0}));
  }
  ASSERT_EQ(batches.size(), 9);
  for (size_t i = 0; i < batches.size(); ++i) {
    DataLoader resumed(data, options);
    resumed.seek(cursors[i]);
    EXPECT_EQ(resumed.next()->samples, batches[i]);
  }
}

TEST(DataLoader, RefusesAPositionOfAnotherDataset) {
  Dataset data;
  data.append({.ids = {1}, .labels = {1}});
  DataLoader loader(data, {});
  EXPECT_THROW(loader.seek({0, 5}), Error);
  EXPECT_THROW(loader.seek({-1, 0}), Error);
}

}  // namespace
}  // namespace lf
