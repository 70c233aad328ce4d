// Streams and padded tensors out of rows of every kind.
#include "data/collate.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "data/packs.h"
#include "data/padded.h"

namespace lf {
namespace {

using lf::testing::pack;
using ::testing::ElementsAre;

std::vector<int64_t> values(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<int64_t>(), tensor.const_data_ptr<int64_t>() + tensor.numel()};
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

}  // namespace
}  // namespace lf
