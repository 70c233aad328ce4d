#include "data/loader.h"

#include <gmock/gmock.h>

#include <set>

#include "base/error.h"
#include "data/padded.h"

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

TEST(Collate, PairwiseHasAllChosenBeforeAllRejected) {
  Dataset data;
  for (const int32_t i : {10, 20}) {
    EncodedExample row{.ids = {i, i + 1}, .labels = {-100, i + 1}, .starts = {}, .kind = ExampleKind::kPairwise};
    row.second_ids = {i, i + 2, i + 3};
    row.second_labels = {-100, i + 2, i + 3};
    data.append(row);
  }
  const Batch batch = collate(data, std::vector<int64_t>{1, 0}, {.pad_to_multiple = 8});
  EXPECT_THAT(values(batch.ids), ElementsAre(20, 21, 10, 11, 20, 22, 23, 10, 12, 13));
  EXPECT_THAT(values(batch.targets), ElementsAre(21, -100, 11, -100, 22, 23, -100, 12, 13, -100));
  EXPECT_THAT(values(batch.positions), ElementsAre(0, 1, 0, 1, 0, 1, 2, 0, 1, 2));
  EXPECT_THAT(batch.row_bounds, ElementsAre(0, 2, 4, 7, 10));
  EXPECT_EQ(batch.rows, 4);
  EXPECT_EQ(batch.padded_tokens, 32);
  EXPECT_THAT(batch.samples, ElementsAre(1, 0));
  EXPECT_EQ(batch.kind, ExampleKind::kPairwise);
  EXPECT_EQ(batch.kl, nullptr);
}

TEST(Collate, FeedbackHasItsKlPairsInABatchOfTheirOwn) {
  Dataset data;
  for (const int32_t i : {10, 20}) {
    EncodedExample row{.ids = {i, i + 1}, .labels = {-100, i + 1}, .starts = {}, .kind = ExampleKind::kFeedback};
    row.second_ids = {i, i + 2, i + 3};
    row.second_labels = {-100, i + 2, -100};
    row.desirable = i == 20;
    data.append(row);
  }
  const Batch batch = collate(data, std::vector<int64_t>{0, 1});
  EXPECT_THAT(values(batch.ids), ElementsAre(10, 11, 20, 21));
  EXPECT_THAT(batch.desirable, ElementsAre(0, 1));
  EXPECT_EQ(batch.target_count, 2);
  ASSERT_TRUE(batch.kl);
  EXPECT_THAT(values(batch.kl->ids), ElementsAre(10, 12, 13, 20, 22, 23));
  EXPECT_THAT(values(batch.kl->targets), ElementsAre(12, -100, -100, 22, -100, -100));
  EXPECT_EQ(batch.kl->padded_tokens, 6);
}

TEST(Collate, UnsupervisedHasPromptsWithoutTargets) {
  Dataset data;
  data.append({.ids = {1, 2}, .labels = {3, 4, 5}, .starts = {}, .kind = ExampleKind::kUnsupervised});
  data.append({.ids = {6}, .labels = {}, .starts = {}, .kind = ExampleKind::kUnsupervised});
  const Batch batch = collate(data, std::vector<int64_t>{1, 0});
  EXPECT_THAT(values(batch.ids), ElementsAre(6, 1, 2));
  EXPECT_THAT(values(batch.targets), ElementsAre(-100, -100, -100));
  EXPECT_THAT(batch.responses, ElementsAre(ElementsAre(), ElementsAre(3, 4, 5)));
  EXPECT_EQ(batch.label_count, 0);
}

TEST(Padded, ABatchWithoutAMaskIsOneNeatlyPackedRow) {
  Dataset neat, plain;
  for (int i = 0; i < 2; ++i) neat.append(pack(true));
  plain.append(pack(false));
  const PadOptions options{.packed_mask = PackedMask::kNone};
  EXPECT_EQ(padded(neat, std::vector<int64_t>{1}, options).at("input_ids").size(1), 5);
  EXPECT_THROW(padded(neat, std::vector<int64_t>{0, 1}, options), Error);
  EXPECT_THROW(padded(plain, std::vector<int64_t>{0}, options), Error);
}

TEST(Padded, TheAdditiveMaskHidesWithTheLowestNumberOfItsType) {
  const Tensor segments = at::tensor({1, 2, 2, 0}, at::kLong).view({1, 4});
  for (const auto& [dtype, lowest] : {std::pair{at::kFloat, -3.4028234663852886e38},
                                      {at::kHalf, -65504.0},
                                      {at::kBFloat16, -3.3895313892515355e38}}) {
    const Tensor mask = block_causal_mask(segments, dtype);
    EXPECT_EQ(mask.scalar_type(), dtype);
    EXPECT_THAT(mask.sizes().vec(), ElementsAre(1, 1, 4, 4));
    const Tensor visible = at::tensor({1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}, at::kInt).view({4, 4});
    EXPECT_TRUE(at::equal(mask[0][0].eq(0).to(at::kInt), visible));
    EXPECT_EQ(mask.min().item<double>(), lowest);
    EXPECT_EQ(mask.eq(lowest).sum().item<int64_t>(), 12);
  }
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
