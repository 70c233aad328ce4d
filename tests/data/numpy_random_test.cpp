// Expected values: numpy 2.4 (default_rng, and numpy.random after numpy.random.seed).
#include "data/numpy_random.h"

#include <gmock/gmock.h>

namespace lf {
namespace {

using testing::ElementsAre;

uint64_t digest(const std::vector<int64_t>& values) {
  uint64_t hash = 0;
  for (const int64_t value : values) hash = hash * 31 + static_cast<uint64_t>(value);
  return hash;
}

TEST(NumpyRandom, PermutationsEqualThoseOfDefaultRng) {
  EXPECT_THAT(NumpyGenerator(42).permutation(12), ElementsAre(0, 7, 6, 9, 11, 3, 5, 2, 4, 10, 1, 8));
  EXPECT_EQ(digest(NumpyGenerator(7).permutation(100000)), 9108146848169315056u);
  EXPECT_THAT(NumpyGenerator((uint64_t{1} << 40) + 5).permutation(9), ElementsAre(7, 1, 2, 5, 3, 0, 8, 4, 6));
  EXPECT_THAT(NumpyGenerator(0).permutation(1), ElementsAre(0));
}

TEST(NumpyRandom, ChoicesWithProbabilitiesEqualThoseOfDefaultRng) {
  EXPECT_THAT(NumpyGenerator(5).choice({0.2, 0.5, 0.3}, 12), ElementsAre(2, 2, 1, 1, 0, 1, 1, 0, 0, 2, 1, 1));
}

TEST(NumpyRandom, TheGlobalGeneratorEqualsNumpysAfterSeeding) {
  NumpyLegacyGenerator random(42);
  EXPECT_THAT(random.permutation(10), ElementsAre(8, 1, 5, 0, 7, 2, 9, 4, 3, 6));
  EXPECT_THAT(random.choice(10, 6), ElementsAre(2, 6, 7, 4, 3, 7));
}

}  // namespace
}  // namespace lf
