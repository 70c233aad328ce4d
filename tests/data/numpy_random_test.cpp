// Expected values: numpy 2.4 (default_rng, and numpy.random after numpy.random.seed).
#include "data/numpy_random.h"

#include <gmock/gmock.h>

#include <numeric>

#include "base/error.h"

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

TEST(NumpyRandom, IntegersAndShufflesEqualThoseOfDefaultRng) {
  const std::vector<std::pair<int64_t, uint64_t>> cases = {
      {1, 0},
      {2, 7493803794233821433u},
      {7, 694536123642097548u},
      {16384, 12329182037509717466u},
      {int64_t{1} << 31, 9656321741071664811u},
      {(int64_t{1} << 32) - 3, 11976050833241916112u},
  };
  for (const auto& [n, expected] : cases) {
    NumpyGenerator random(42);
    EXPECT_EQ(digest(random.integers(n, 1000)), expected) << n;
    std::vector<int64_t> list(20);
    std::iota(list.begin(), list.end(), 0);
    random.shuffle(list);
    const auto first = n == 1 ? 15 : 18, last = n == 1 ? 8 : 10;  // one value needs no draw
    EXPECT_EQ(list.front(), first) << n;
    EXPECT_EQ(list.back(), last) << n;
    EXPECT_EQ(random.next64() >> 1, n == 1 ? 7588636456839696475u : 7766016637922946619u) << n;
  }
}

TEST(NumpyRandom, AStateGoesOnWhereItWasTaken) {
  NumpyGenerator random(7);
  for (int drawn = 0; drawn < 9; ++drawn) {
    NumpyGenerator other(1);
    other.restore(random.state());
    EXPECT_EQ(other.integers(1000, 50), NumpyGenerator(random).integers(1000, 50));
    random.integers(10, 1);  // every second state holds half of a number
  }
  EXPECT_THROW(random.restore("x"), Error);
  EXPECT_THROW(random.restore(std::string(66, '0')), Error);
}

TEST(NumpyRandom, TheGlobalGeneratorEqualsNumpysAfterSeeding) {
  NumpyLegacyGenerator random(42);
  EXPECT_THAT(random.permutation(10), ElementsAre(8, 1, 5, 0, 7, 2, 9, 4, 3, 6));
  EXPECT_THAT(random.choice(10, 6), ElementsAre(2, 6, 7, 4, 3, 7));
}

}  // namespace
}  // namespace lf
