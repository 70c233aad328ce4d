// The cache of the chat engine: what it keeps, what it forgets, and that a conversation is the same with it.
#include "infer/dense_kv_cache.h"

#include <gtest/gtest.h>

#include "infer/generate.h"
#include "model/decoder.h"
#include "model/loader.h"
#include "support/shared.h"

namespace lf::testing {
namespace {

TEST(DenseKvCache, KeepsWhatIsAppendedWhileItGrows) {
  DenseKvCache cache(2);
  Tensor keys = at::randn({3, 200, 4}), values = at::randn({3, 200, 5});
  for (int64_t t = 0; t < 200; t += 50) {
    auto [k, v] = cache.append(1, 0, keys.slice(1, t, t + 50), values.slice(1, t, t + 50));
    EXPECT_TRUE(at::equal(k, keys.slice(1, 0, t + 50)));
    EXPECT_TRUE(at::equal(v, values.slice(1, 0, t + 50)));
    EXPECT_EQ(cache.length(0), t) << "the pass is not over";
    cache.advance(0, 50);
  }
  EXPECT_EQ(cache.length(0), 200);
}

TEST(DenseKvCache, KeysAndValuesAreCutToTheSharedPrefix) {
  DenseKvCache cache(1);
  Tensor keys = at::randn({1, 10, 2});
  cache.append(0, 0, keys, keys);
  cache.advance(0, 10);
  EXPECT_EQ(cache.truncate(0, 6), 6);
  EXPECT_EQ(cache.length(0), 6);
  auto [k, v] = cache.append(0, 0, keys.slice(1, 8), keys.slice(1, 8));
  EXPECT_TRUE(at::equal(k, at::cat({keys.slice(1, 0, 6), keys.slice(1, 8)}, 1)));
}

TEST(DenseKvCache, ARecurrentStateStaysWholeOrIsForgottenWithEverything) {
  DenseKvCache cache(2, 2);
  EXPECT_FALSE(cache.state(0, 0, 1).defined());
  cache.state(0, 0, 1) = at::ones({3});
  cache.append(1, 0, at::zeros({1, 10, 2}), at::zeros({1, 10, 2}));
  cache.advance(0, 10);
  cache.advance(1, 4);
  EXPECT_EQ(cache.truncate(0, 10), 10);
  EXPECT_TRUE(cache.state(0, 0, 1).defined());
  EXPECT_EQ(cache.truncate(0, 9), 0) << "the state has seen the tenth token";
  EXPECT_EQ(cache.length(0), 0);
  EXPECT_FALSE(cache.state(0, 0, 1).defined());
  EXPECT_EQ(cache.append(1, 0, at::zeros({1, 2, 2}), at::zeros({1, 2, 2})).first.size(1), 2);
  EXPECT_EQ(cache.length(1), 4) << "another sequence is not touched";
}

class Conversation : public ::testing::TestWithParam<const char*> {};

TEST_P(Conversation, ContinuesAlikeWhateverWasSaidBefore) {
  LoadedModel loaded = load_model(fixture_path(std::string("archs/") + GetParam()), {.dtype = at::kFloat});
  const auto layers = static_cast<int64_t>(loaded.spec.layers.size());
  const GenerateOptions options{.sampler = {.temperature = 0}, .max_new_tokens = 6};
  Generator kept(*loaded.model, layers);
  const std::vector<std::vector<int32_t>> turns = {
      {5, 17, 40, 9, 22},          // the first
      {5, 17, 40, 30, 31, 8},      // another, with the same beginning
      {5, 17, 40, 30, 31, 8},      // the same again
      {5, 17, 40, 30, 31, 8, 50},  // one more token
      {60, 61},                    // something else
  };
  for (const std::vector<int32_t>& turn : turns) {
    Generator fresh(*loaded.model, layers);
    std::vector<int32_t> want = fresh.generate(turn, options).ids, got = kept.generate(turn, options).ids;
    EXPECT_EQ(got, want) << turn.size();
    // And the answer becomes part of the next prompt.
    std::vector<int32_t> longer = turn;
    longer.insert(longer.end(), got.begin(), got.end());
    longer.push_back(11);
    Generator again(*loaded.model, layers);
    EXPECT_EQ(kept.generate(longer, options).ids, again.generate(longer, options).ids);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Conversation, ::testing::Values("llama", "falcon_h1", "mamba", "recurrent_gemma"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace lf::testing
