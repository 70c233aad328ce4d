// Which examples share a row: upstream's knapsack, and our best fit over the whole set.
#include "data/encode/packing.h"

#include <gmock/gmock.h>

#include <numeric>
#include <random>

#include "base/error.h"
#include "base/log.h"
#include "data/encode/encoder.h"
#include "data/fakes.h"

namespace lf {
namespace {

using lf::testing::ByteTokenizer;
using lf::testing::LetterTemplate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Lengths = std::vector<int64_t>;

std::vector<Lengths> lengths_in(const Bins& bins, const Lengths& lengths) {
  std::vector<Lengths> out;
  for (const auto& bin : bins) {
    out.emplace_back();
    for (const size_t i : bin) out.back().push_back(lengths[i]);
  }
  return out;
}

TEST(GreedyKnapsack, TakesTheLongestThatFitsAndOfEqualsTheLast) {
  const Lengths lengths = {3, 5, 3, 2, 7};
  EXPECT_THAT(greedy_knapsack(lengths, 8), ElementsAre(ElementsAre(4), ElementsAre(1, 2), ElementsAre(0, 3)));
  EXPECT_THAT(greedy_knapsack({}, 8), IsEmpty());
}

TEST(BestFit, FillsTheFullestBinThatTakesTheExample) {
  const Lengths lengths = {2, 6, 3, 5, 4};
  // 6 | 5 | 4 opens a bin, 3 completes 5, 2 completes 6; bins in the order of their first example
  EXPECT_THAT(lengths_in(best_fit_decreasing(lengths, 8), lengths),
              ElementsAre(ElementsAre(2, 6), ElementsAre(3, 5), ElementsAre(4)));
  EXPECT_THAT(best_fit_decreasing({}, 8), IsEmpty());
  EXPECT_THAT(best_fit_decreasing({8}, 8), ElementsAre(ElementsAre(0)));
}

TEST(BestFit, PutsEveryExampleIntoOneBinAndNearlyFillsThem) {
  std::mt19937 random(7);
  for (const int64_t capacity : {16, 100, 1024}) {
    Lengths lengths(3000);
    for (int64_t& length : lengths) length = 1 + static_cast<int64_t>(random() % capacity);
    const Bins bins = best_fit_decreasing(lengths, capacity);
    std::vector<int> seen(lengths.size(), 0);
    for (const auto& bin : bins) {
      int64_t filled = 0;
      for (const size_t i : bin) {
        filled += lengths[i];
        ++seen[i];
      }
      EXPECT_LE(filled, capacity);
      EXPECT_TRUE(std::is_sorted(bin.begin(), bin.end()));
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<int64_t>(lengths.size()));
    const int64_t total = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
    // more than half of the lengths are above capacity / 2, so `big` bins are needed too
    const int64_t big = std::ranges::count_if(lengths, [&](int64_t length) { return 2 * length > capacity; });
    const int64_t fewest = std::max(big, (total + capacity - 1) / capacity);
    EXPECT_LE(static_cast<int64_t>(bins.size()) * 9, fewest * 11 + 9);
    EXPECT_LE(bins.size(), greedy_knapsack(lengths, capacity).size() + 1);
    EXPECT_EQ(bins, best_fit_decreasing(lengths, capacity));
  }
}

TEST(Packing, AnExampleAboveTheCapacityIsAFaultOfTheCaller) {
  EXPECT_THROW(greedy_knapsack({9}, 8), Error);
  EXPECT_THROW(best_fit_decreasing({9}, 8), Error);
}

TEST(Packing, CarriesMediaWithTheExamplesTheyBelongTo) {
  const auto image = [](const char* path) { return Media{.paths = {path}, .bytes = ""}; };
  EncodedExample a{.ids = {1, 2}, .labels = {1, 2}}, b{.ids = {3}, .labels = {3}}, c{.ids = {4}, .labels = {-100}};
  a.media.images = {image("a1"), image("a2")};
  c.media.images = {image("c1")};
  c.media.audios = {image("c2")};
  const EncodedExample packed = pack_row({&a, &b, &c}, {.capacity = 5, .pad_id = 9, .separate = true});
  EXPECT_THAT(packed.ids, ElementsAre(1, 2, 3, 4, 9, 9));
  EXPECT_THAT(packed.labels, ElementsAre(1, 2, 3, -100, -100, -100));
  const PackingParams params = packing_params_of(packed);
  EXPECT_THAT(params.sequence_boundaries, ElementsAre(0, 2, 3, 4, 6));
  EXPECT_THAT(params.image_subseq_ids, ElementsAre(0, 0, 2));
  EXPECT_THAT(params.video_subseq_ids, ElementsAre(int64_t{1} << 32));
  EXPECT_THAT(params.audio_subseq_ids, ElementsAre(2));
  EXPECT_EQ(params.right_padding_length, 2);
  Dataset data;
  data.append({.ids = {5}, .labels = {5}, .separate = true});
  data.append(packed);
  EXPECT_EQ(data.row(1), packed);
  EXPECT_TRUE(data.row(0).media.empty());
  EXPECT_THAT(packed.media.images.back().paths, ElementsAre("c1"));
}

class WholeSet : public ::testing::Test {
 protected:
  WholeSet() {
    set_log_sink([this](LogLevel, const std::string& line) { log_.push_back(line); });
  }
  ~WholeSet() override { set_log_sink(nullptr); }

  static Conversation talk(const std::string& question) {
    Conversation out;
    out.prompt = {{Role::kUser, question}};
    out.response = {{Role::kAssistant, "x"}};
    return out;
  }
  /// Rows as text; preprocessing batches of two examples. An example of n letters has n + 4 tokens.
  std::vector<std::string> packed(const std::string& strategy, bool neat, const std::vector<int>& letters) {
    const DataOptions options{.cutoff_len = 20, .packing = true, .neat_packing = neat, .packing_strategy = strategy};
    const auto encoder = make_supervised_encoder(options, tokenizer_, template_);
    Dataset rows;
    for (size_t i = 0; i < letters.size(); i += 2) {
      std::vector<EncodedExample> batch;
      for (size_t j = i; j < std::min(i + 2, letters.size()); ++j) {
        batch.push_back(encoder->encode(talk(std::string(letters[j], static_cast<char>('a' + j)))).example);
      }
      for (const EncodedExample& row : encoder->finish(std::move(batch))) rows.append(row);
    }
    rows = encoder->complete(std::move(rows), "toy");
    std::vector<std::string> out;
    for (int64_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(rows.length(i), 21);
      EXPECT_EQ(rows.separate(), neat);
      out.push_back(tokenizer_.decode(rows.ids(i), false));
    }
    return out;
  }

  ByteTokenizer tokenizer_;
  LetterTemplate template_;
  std::vector<std::string> log_;
};

TEST_F(WholeSet, UpstreamPacksInsideAPreprocessingBatch) {
  EXPECT_THAT(packed("upstream", false, {11, 10, 2, 1}),
              ElementsAre("UaaaaaaaaaaaAx$______", "UbbbbbbbbbbAx$_______", "UccAx$UdAx$__________"));
  EXPECT_THAT(log_,
              ElementsAre(HasSubstr("Packed toy: 4 examples of 40 tokens in 3 rows of 21 tokens, 36.5% padding.")));
}

TEST_F(WholeSet, BestFitPacksOverAllBatches) {
  for (const bool neat : {false, true}) {
    log_.clear();
    EXPECT_THAT(packed("best_fit", neat, {11, 10, 2, 1}),
                ElementsAre("UaaaaaaaaaaaAx$UdAx$_", "UbbbbbbbbbbAx$UccAx$_"));
    EXPECT_THAT(log_,
                ElementsAre(HasSubstr("Packed toy: 4 examples of 40 tokens in 2 rows of 21 tokens, 4.8% padding.")));
  }
}

TEST_F(WholeSet, ASingleExampleAndNoneAtAll) {
  EXPECT_THAT(packed("best_fit", true, {1}), ElementsAre("UaAx$________________"));
  EXPECT_THAT(packed("best_fit", true, {}), IsEmpty());
  EXPECT_THAT(packed("upstream", true, {}), IsEmpty());
}

}  // namespace
}  // namespace lf
