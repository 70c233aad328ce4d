// Expected orders: the datasets library 4.0 (interleave_datasets, train_test_split, map).
#include "data/mixing.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace lf {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(MixRows, ConcatenatesInOrder) { EXPECT_THAT(mix_rows({2, 3}, "concat", {}, 42), ElementsAre(0, 1, 2, 3, 4)); }

TEST(MixRows, InterleavesAsTheDatasetsLibrary) {
  EXPECT_THAT(mix_rows({3, 4, 5}, "interleave_under", {}, 42), ElementsAre(0, 3, 7, 1, 4, 8, 2, 5, 9));
  EXPECT_THAT(mix_rows({3, 4, 5}, "interleave_over", {}, 42),
              ElementsAre(0, 3, 7, 1, 4, 8, 2, 5, 9, 0, 6, 10, 1, 3, 11));
  EXPECT_THAT(mix_rows({3, 4, 5}, "interleave_under", {0.2, 0.5, 0.3}, 42), ElementsAre(7, 3, 8, 4, 0, 9, 10, 11));
  EXPECT_THAT(mix_rows({3, 4, 5}, "interleave_over", {0.2, 0.5, 0.3}, 42),
              ElementsAre(7, 3, 8, 4, 0, 9, 10, 11, 1, 5, 6, 7, 3, 8, 4, 5, 6, 2));
}

TEST(MixRows, InterleaveOnceTakesEachRowOnce) {
  EXPECT_THAT(mix_rows({1, 3, 2}, "interleave_once", {}, 42), ElementsAre(0, 1, 4, 2, 5, 3));
  EXPECT_THAT(mix_rows({1, 3, 2}, "interleave_once", {0.5, 0.25, 0.25}, 42),
              testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(MixRows, RefusesProbabilitiesThatDoNotFit) {
  EXPECT_THROW(mix_rows({1, 2}, "interleave_under", {0.5}, 42), Error);
  EXPECT_THROW(mix_rows({1, 2}, "interleave_under", {0.5, 0.6}, 42), Error);
  EXPECT_THROW(mix_rows({1, 2}, "interleave_over", {0.0, 1.0}, 42), Error);  // would never end
  EXPECT_THAT(mix_rows({1, 2}, "interleave_under", {0.0, 1.0}, 42), ElementsAre(1, 2));
}

TEST(SplitRows, TakesTheHeadOfNumpysPermutationForValidation) {
  const Split fraction = split_rows(23, 0.1, 42);
  EXPECT_THAT(fraction.validation, ElementsAre(18, 10, 17));
  EXPECT_THAT(fraction.train, ElementsAre(22, 16, 15, 7, 6, 9, 3, 0, 19, 12, 5, 11, 14, 21, 2, 4, 20, 1, 13, 8));
  EXPECT_THAT(split_rows(23, 5, 42).validation, ElementsAre(18, 10, 17, 22, 16));
  EXPECT_THAT(split_rows(23, 5.7, 42).validation.size(), 5);
  EXPECT_THAT(split_rows(23, 1, 42).validation, ElementsAre(18));
}

TEST(SplitRows, LeavesNoPartEmpty) {
  EXPECT_THROW(split_rows(5, 5, 42), Error);
  EXPECT_THROW(split_rows(1, 0.5, 42), Error);
  EXPECT_THROW(split_rows(5, 100, 42), Error);
}

TEST(PreprocessingBatches, LieInsideEqualShards) {
  EXPECT_THAT(preprocessing_batches(23, 5, 3),
              ElementsAre(Pair(0, 5), Pair(5, 8), Pair(8, 13), Pair(13, 16), Pair(16, 21), Pair(21, 23)));
  EXPECT_THAT(preprocessing_batches(23, 10, 1), ElementsAre(Pair(0, 10), Pair(10, 20), Pair(20, 23)));
  EXPECT_EQ(preprocessing_batches(3, 1000, 16).size(), 3);
  EXPECT_TRUE(preprocessing_batches(0, 10, 4).empty());
}

}  // namespace
}  // namespace lf
