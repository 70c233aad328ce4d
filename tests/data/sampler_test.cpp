// Expected orders: accelerate 1.11's SeedableRandomSampler over torch 2.13.
#include "data/sampler.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace lf {
namespace {

using testing::ElementsAre;

TEST(BatchSampler, OrderOfEachEpochEqualsTheSeedableRandomSampler) {
  const BatchSampler sampler(10, {.seed = 42});
  EXPECT_THAT(sampler.order(0), ElementsAre(2, 6, 1, 8, 4, 5, 0, 9, 3, 7));
  EXPECT_THAT(sampler.order(1), ElementsAre(8, 4, 9, 0, 5, 1, 6, 7, 2, 3));
  EXPECT_THAT(sampler.order(2), ElementsAre(2, 6, 3, 8, 7, 9, 1, 4, 5, 0));
  EXPECT_THAT(BatchSampler(7, {.seed = 7}).order(0), ElementsAre(5, 0, 3, 1, 2, 6, 4));
  uint64_t hash = 0;
  for (const int64_t row : BatchSampler(3000, {.seed = 5}).order(2)) hash = hash * 31 + static_cast<uint64_t>(row);
  EXPECT_EQ(hash, 8413553639069934708u);
}

TEST(BatchSampler, CutsTheOrderIntoBatches) {
  const BatchSampler sampler(10, {.seed = 42, .batch_size = 4});
  EXPECT_EQ(sampler.batches_per_epoch(), 3);
  EXPECT_THAT(sampler.batch(1, 1), ElementsAre(5, 1, 6, 7));
  EXPECT_THAT(sampler.batch(0, 2), ElementsAre(3, 7));
  EXPECT_EQ(BatchSampler(10, {.batch_size = 4, .drop_last = true}).batches_per_epoch(), 2);
  EXPECT_EQ(BatchSampler(3, {.batch_size = 4, .drop_last = true}).batches_per_epoch(), 0);
}

TEST(BatchSampler, SequentialReadsInOrder) {
  EXPECT_THAT(BatchSampler(5, {.strategy = "sequential", .batch_size = 3}).batch(9, 1), ElementsAre(3, 4));
}

TEST(BatchSampler, RefusesOtherStrategiesByName) {
  EXPECT_THROW(BatchSampler(5, {.strategy = "group_by_length"}), Error);
  EXPECT_THROW(BatchSampler(5, {.batch_size = 0}), Error);
}

}  // namespace
}  // namespace lf
