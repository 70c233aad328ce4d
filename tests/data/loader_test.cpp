// Datasets as they are kept, and the loader over them.
#include "data/loader.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"
#include "data/packs.h"

namespace lf {
namespace {

using lf::testing::pack;
using ::testing::ElementsAre;

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

TEST(Dataset, KeepsTheSecondSequencesTagsAndMedia) {
  Dataset pairs, feedback, prompts;
  EncodedExample pair{.ids = {1, 2}, .labels = {-100, 2}, .starts = {}, .kind = ExampleKind::kPairwise};
  pair.second_ids = {1, 3, 4};
  pair.second_labels = {-100, 3, -100};
  EncodedExample tagged = pair, untagged = pair;
  tagged.kind = untagged.kind = ExampleKind::kFeedback;
  tagged.desirable = true;
  EncodedExample longer{.ids = {1}, .labels = {1}, .starts = {}, .kind = ExampleKind::kUnsupervised}, shorter = longer;
  longer.labels = {5, 6, 7};
  shorter.labels = {};
  for (int i = 0; i < 2; ++i) pairs.append(pair);
  for (const auto& row : {tagged, untagged}) feedback.append(row);
  EncodedExample pictured = longer;
  pictured.media.images = {{.paths = {"a.png"}, .bytes = ""}};
  for (const auto& row : {longer, shorter, pictured, shorter}) prompts.append(row);
  EXPECT_EQ(pairs.row(1), pair);
  EXPECT_EQ(pairs.total_tokens(), 10);
  EXPECT_EQ(pairs.target_tokens(), 4);
  EXPECT_EQ(feedback.row(0), tagged);
  EXPECT_EQ(feedback.row(1), untagged);
  EXPECT_EQ(feedback.target_tokens(), 2);
  EXPECT_EQ(prompts.row(0), longer);
  EXPECT_EQ(prompts.row(1), shorter);
  EXPECT_EQ(prompts.row(2), pictured);
  EXPECT_EQ(prompts.row(3), shorter);
  EXPECT_EQ(prompts.target_tokens(), 6);
  EXPECT_THROW(pairs.append(tagged), Error);  // one kind for all rows
}

TEST(Dataset, FingerprintSeesEverySequenceTagAndPath) {
  EncodedExample base{.ids = {1, 2}, .labels = {-100, 2}, .starts = {}, .kind = ExampleKind::kFeedback};
  base.second_ids = {1, 3};
  base.second_labels = {-100, 3};
  const auto print = [](const EncodedExample& row) {
    Dataset data;
    data.append(row);
    return data.fingerprint();
  };
  std::set<uint64_t> prints = {print(base)};
  EncodedExample changed = base;
  changed.second_ids[1] = 4;
  prints.insert(print(changed));
  changed = base;
  changed.second_labels[0] = 1;
  prints.insert(print(changed));
  changed = base;
  changed.desirable = true;
  prints.insert(print(changed));
  changed = base;
  changed.kind = ExampleKind::kPairwise;
  prints.insert(print(changed));
  changed = base;
  changed.media.images = {{.paths = {"a"}, .bytes = ""}};
  prints.insert(print(changed));
  changed.media.images = {{.paths = {"b"}, .bytes = ""}};
  prints.insert(print(changed));
  changed.media = {};
  changed.media.videos = {{.paths = {"b"}, .bytes = ""}};
  prints.insert(print(changed));
  EXPECT_EQ(prints.size(), 8);
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
