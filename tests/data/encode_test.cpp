#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "data/encode/encoder.h"
#include "data/encode/lengths.h"
#include "data/encode/packing.h"
#include "data/fakes.h"
#include "support/shared.h"

namespace lf {
namespace {

using lf::testing::ByteTokenizer;
using lf::testing::LetterTemplate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Conversation talk(std::vector<std::string> texts) {
  Conversation out;
  for (size_t i = 0; i < texts.size(); ++i)
    out.prompt.push_back({i % 2 == 0 ? Role::kUser : Role::kAssistant, texts[i]});
  out.response = {out.prompt.back()};
  out.prompt.pop_back();
  return out;
}

/// Ids as text, and the tokens that bear loss as text with '.' elsewhere.
std::string shown(const EncodedExample& row) {
  std::string labels;
  for (const int32_t label : row.labels)
    labels += label == kIgnoreLabel ? "." : ByteTokenizer().decode(std::vector{label}, false);
  return ByteTokenizer().decode(row.ids, false) + "|" + labels;
}

std::string supervised(const Conversation& conversation, const DataOptions& options, bool efficient_eos = false) {
  const ByteTokenizer tokenizer;
  const LetterTemplate letters(efficient_eos);
  const EncodedRow row = make_supervised_encoder(options, tokenizer, letters)->encode(conversation);
  return row.dropped.empty() ? shown(row.example) : "dropped: " + row.dropped;
}

TEST(Supervised, LossIsOnResponses) {
  EXPECT_EQ(supervised(talk({"hi", "yo", "q", "a"}), {}), "UhiAyo$UqAa$|....yo$...a$");
  EXPECT_EQ(supervised(talk({"hi", "yo"}), {.train_on_prompt = true}), "UhiAyo$|UhiAyo$");
  EXPECT_EQ(supervised(talk({"hi", "yo", "q", "a"}), {.mask_history = true}), "UhiAyo$UqAa$|..........a$");
}

TEST(Supervised, EfficientEosIsLearnedAtTheNextPromptAndAtTheEnd) {
  EXPECT_EQ(supervised(talk({"hi", "yo", "q", "a"}), {}, true), "UhiAyoUqAa$|....yo$..a$");
}

TEST(Supervised, CutsTurnsToTheBudget) {
  EXPECT_EQ(supervised(talk({"abcdef", "xyz"}), {.cutoff_len = 10}), "Uabcdexyz$|......xyz$");
  EXPECT_EQ(supervised(talk({"hi", "yo", "q", "a"}), {.cutoff_len = 8}), "UhiAyo$U|....yo$.");
  EXPECT_EQ(supervised(talk({"hi", "yo", "q", "a"}), {.cutoff_len = 8, .mask_history = true}), "UhyUqAa$|......a$");
}

TEST(Supervised, SaysWhyARowIsDropped) {
  Conversation no_answer = talk({"q", "a"});
  no_answer.response.clear();
  EXPECT_THAT(supervised(no_answer, {}), HasSubstr("dropped: no response"));
  Conversation broken;
  broken.problem = "Invalid role tag";
  EXPECT_THAT(supervised(broken, {}), HasSubstr("dropped: Invalid role tag"));
  Conversation pair = talk({"q", "a"});
  pair.response.push_back({Role::kAssistant, ""});
  EXPECT_THAT(supervised(pair, {}), HasSubstr("dropped: more than one response"));
}

TEST(Supervised, PacksAndPadsToOneAboveTheCutoff) {
  const ByteTokenizer tokenizer;
  const LetterTemplate letters;
  const DataOptions options{.cutoff_len = 12, .packing = true};
  const auto encoder = make_supervised_encoder(options, tokenizer, letters);
  std::vector<EncodedExample> rows;
  for (const char* text : {"aaaa", "b", "c"}) rows.push_back(encoder->encode(talk({text, "x"})).example);
  const auto packs = encoder->finish(rows);
  ASSERT_EQ(packs.size(), 2);
  EXPECT_EQ(shown(packs[0]), "UaaaaAx$_____|......x$.....");
  EXPECT_EQ(shown(packs[1]), "UcAx$UbAx$___|...x$...x$...");
  EXPECT_THAT(packs[1].starts, ElementsAre(0, 5));
  EXPECT_EQ(packs[1].padding, 3);
}

TEST(Supervised, RefusesTrainOnPromptWithEfficientEos) {
  const ByteTokenizer tokenizer;
  EXPECT_THROW(make_supervised_encoder({.train_on_prompt = true}, tokenizer, LetterTemplate(true)), Error);
}

TEST(Supervised, EmptyAnswersAndQuestionsAreRows) {
  EXPECT_EQ(supervised(talk({"q", ""}), {}), "UqA$|...$");
  EXPECT_EQ(supervised(talk({"", "a"}), {}), "UAa$|..a$");
  EXPECT_EQ(supervised(talk({"q", ""}), {}, true), "UqA$|...$");
}

TEST(Supervised, AVeryLongTurnIsCutToTheCutoffExactly) {
  const std::string question(5000, 'q'), answer(7000, 'a');
  for (const int64_t cutoff : {1, 2, 10, 100, 4096}) {
    const std::string row = supervised(talk({question, answer}), {.cutoff_len = cutoff});
    EXPECT_EQ(row.find('|'), static_cast<size_t>(cutoff));
  }
}

TEST(Supervised, WhatIsCutFitsIntoAPack) {
  // the final EOS of efficient_eos counts from the start, so that no row is longer than the cutoff
  for (const bool efficient_eos : {false, true}) {
    for (const int64_t cutoff : {1, 2, 3, 7}) {
      for (const bool mask_history : {false, true}) {
        const std::string row =
            supervised(talk({"abc", "defgh", "ijk", "lmnop"}),
                       {.cutoff_len = cutoff, .mask_history = mask_history, .packing = true}, efficient_eos);
        EXPECT_LE(row.find('|'), static_cast<size_t>(cutoff)) << row;
      }
    }
  }
  EXPECT_EQ(supervised(talk({"q", "a"}), {.cutoff_len = 1, .packing = true}, true), "$|$");
}

TEST(Pretrain, EndsEachTextAndCutsBlocks) {
  const ByteTokenizer tokenizer(true);
  const DataOptions packed{.cutoff_len = 4, .packing = true};
  const auto encoder = make_pretrain_encoder(packed, tokenizer);
  std::vector<EncodedExample> rows;
  for (const char* text : {"abc", "defgh"}) rows.push_back(encoder->encode(talk({text, ""})).example);
  const auto blocks = encoder->finish(rows);
  ASSERT_EQ(blocks.size(), 2);
  EXPECT_EQ(shown(blocks[0]), "^bc$|^bc$");
  EXPECT_EQ(shown(blocks[1]), "^efg|^efg");
  const DataOptions plain{.cutoff_len = 4, .packing = false};
  EXPECT_EQ(shown(make_pretrain_encoder(plain, tokenizer)->encode(talk({"ab", ""})).example), "^ab$|^ab$");
  EXPECT_EQ(shown(make_pretrain_encoder(plain, tokenizer)->encode(talk({"abcdef", ""})).example), "^abc|^abc");
}

TEST(Lengths, EqualUpstreamsFunctions) {
  LF_REQUIRE_SHARED();
  const Json golden = read_json(lf::testing::shared_path("golden/data/pipeline/functions.json"));
  for (const Json& row : golden["infer_seqlen"]["rows"]) {
    const TurnLengths cut = infer_seqlen(row[0], row[1], row[2]);
    EXPECT_EQ(cut.source, row[3].get<int64_t>()) << row.dump();
    EXPECT_EQ(cut.target, row[4].get<int64_t>()) << row.dump();
  }
  for (const Json& one : golden["greedy_knapsack"]) {
    const auto lengths = one["lengths"].get<std::vector<int64_t>>();
    Json bins = Json::array();
    for (const auto& bin : greedy_knapsack(lengths, one["capacity"])) {
      Json sizes = Json::array();
      for (const size_t i : bin) sizes.push_back(lengths[i]);
      bins.push_back(sizes);
    }
    EXPECT_EQ(bins.dump(), one["bins"].dump());
  }
}

}  // namespace
}  // namespace lf
