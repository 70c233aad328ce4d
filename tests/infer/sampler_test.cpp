#include "infer/sampler.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/error.h"

namespace lf {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(Sampler, GreedyTakesTheHighestScore) {
  std::vector<float> scores = {0.1f, 3.0f, -1.0f};
  EXPECT_EQ(Sampler({.do_sample = false}, 1).next(scores, {}), 1);
  EXPECT_EQ(Sampler({.temperature = 0}, 1).next(scores, {}), 1);
}

TEST(Sampler, RepetitionPenaltyDividesPositiveAndMultipliesNegativeScoresOnce) {
  std::vector<float> scores = {2.0f, -2.0f, 1.0f};
  const std::vector<int32_t> history = {0, 1, 0};
  process_logits(scores, history, {.do_sample = false, .repetition_penalty = 2.0});
  EXPECT_THAT(scores, testing::ElementsAre(1.0f, -4.0f, 1.0f));
}

TEST(Sampler, TopKKeepsTies) {
  std::vector<float> scores = {1.0f, 2.0f, 2.0f, 0.0f};
  process_logits(scores, {}, {.temperature = 1, .top_p = 1, .top_k = 1});
  EXPECT_THAT(scores, testing::ElementsAre(-kInf, 2.0f, 2.0f, -kInf));
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesP) {
  std::vector<float> scores = {std::log(0.5f), std::log(0.3f), std::log(0.15f), std::log(0.05f)};
  process_logits(scores, {}, {.temperature = 1, .top_p = 0.75, .top_k = 0});
  EXPECT_TRUE(std::isfinite(scores[0]) && std::isfinite(scores[1]));
  EXPECT_EQ(scores[2], -kInf);
  EXPECT_EQ(scores[3], -kInf);
}

TEST(Sampler, TopPAlwaysKeepsOneToken) {
  std::vector<float> scores = {5.0f, 0.0f};
  process_logits(scores, {}, {.temperature = 1, .top_p = 1e-9, .top_k = 0});
  EXPECT_TRUE(std::isfinite(scores[0]));
}

TEST(Sampler, FrequenciesFollowTheProbabilities) {
  Sampler sampler({.temperature = 1, .top_p = 1, .top_k = 0}, 7);
  int first = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<float> scores = {std::log(0.7f), std::log(0.3f)};
    first += sampler.next(scores, {}) == 0;
  }
  EXPECT_NEAR(first / 20000.0, 0.7, 0.02);
}

TEST(Sampler, SameSeedSameTokens) {
  for (int round = 0; round < 2; ++round) {
    Sampler a({.temperature = 1, .top_p = 1}, 3), b({.temperature = 1, .top_p = 1}, 3);
    std::vector<float> x = {0, 0, 0, 0}, y = x;
    EXPECT_EQ(a.next(x, {}), b.next(y, {}));
  }
}

TEST(Sampler, ValuesOutOfRangeAreRefusedByName) {
  EXPECT_THROW(Sampler({.temperature = -1}, 1), Error);
  EXPECT_THROW(Sampler({.top_p = 0}, 1), Error);
  EXPECT_THROW(Sampler({.top_k = -1}, 1), Error);
  EXPECT_THROW(Sampler({.repetition_penalty = 0}, 1), Error);
}

}  // namespace
}  // namespace lf
