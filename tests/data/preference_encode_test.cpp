// Pairwise (rm, dpo), feedback (kto) and unsupervised (ppo) rows, in letters.
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/log.h"
#include "data/encode/encoder.h"
#include "data/fakes.h"
#include "data/preview.h"

namespace lf {
namespace {

using lf::testing::ByteTokenizer;
using lf::testing::LetterTemplate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Conversation asked(const std::string& question, const std::vector<std::string>& answers) {
  Conversation out;
  out.prompt = {{Role::kUser, question}};
  for (const std::string& answer : answers) out.response.push_back({Role::kAssistant, answer});
  return out;
}

/// Ids as text, '|', labels as text with '.' where there is no loss.
std::string shown(const std::vector<int32_t>& ids, const std::vector<int32_t>& labels) {
  std::string text = ByteTokenizer().decode(ids, false) + "|";
  for (const int32_t label : labels)
    text += label == kIgnoreLabel ? "." : ByteTokenizer().decode(std::vector{label}, false);
  return text;
}

class EncodeStage : public ::testing::Test {
 protected:
  std::unique_ptr<Encoder> encoder(const std::string& stage) const {
    return make_encoder(stage, false, options_, tokenizer_, efficient_eos_ ? ends_once_ : letters_);
  }
  /// "first" or "first / second", or "dropped: why".
  std::string row(const std::string& stage, const std::vector<Conversation>& batch, size_t index = 0) const {
    const EncodedRow row = encoder(stage)->encode(batch, index);
    if (!row.dropped.empty()) return "dropped: " + row.dropped;
    const EncodedExample& example = row.example;
    std::string text = shown(example.ids, example.labels);
    if (!example.second_ids.empty()) text += " / " + shown(example.second_ids, example.second_labels);
    if (example.kind == ExampleKind::kFeedback) text += example.desirable ? " good" : " bad";
    return text;
  }

  DataOptions options_;
  bool efficient_eos_ = false;
  ByteTokenizer tokenizer_;
  LetterTemplate letters_{false}, ends_once_{true};
};

TEST_F(EncodeStage, PairwiseHasOnePromptAndLossOnBothResponses) {
  EXPECT_EQ(row("rm", {asked("hi", {"yes", "no"})}), "UhiAyes$|....yes$ / UhiAno$|....no$");
  EXPECT_EQ(row("dpo", {asked("hi", {"yes", "no"})}), row("rm", {asked("hi", {"yes", "no"})}));
  efficient_eos_ = true;
  EXPECT_EQ(row("rm", {asked("hi", {"yes", "no"})}), "UhiAyes$|....yes$ / UhiAno$|....no$");
}

TEST_F(EncodeStage, PairwiseLearnsFromTheLastTurnOnly) {
  Conversation talk = asked("q", {"y", "n"});
  talk.prompt = {{Role::kUser, "a"}, {Role::kAssistant, "b"}, {Role::kUser, "q"}};
  // LetterTemplate's encode_oneturn keeps the last turn; what stands before it is the template's business
  EXPECT_EQ(row("rm", {talk}), "UqAy$|...y$ / UqAn$|...n$");
}

TEST_F(EncodeStage, PairwiseIsCutByTheLongerResponse) {
  options_.cutoff_len = 10;
  // prompt 7, longer response 9: both are cut in proportion, 10 * 9/16 = 5
  EXPECT_EQ(row("rm", {asked("abcde", {"12345678", "x"})}), "Uabcd12345|.....12345 / Uabcdx$|.....x$");
  EXPECT_EQ(row("rm", {asked("abcde", {"x", "12345678"})}), "Uabcdx$|.....x$ / Uabcd12345|.....12345");
}

TEST_F(EncodeStage, PairwiseTakesEmptyResponses) {
  EXPECT_EQ(row("rm", {asked("q", {"", ""})}), "UqA$|...$ / UqA$|...$");
}

TEST_F(EncodeStage, PairwiseSaysWhyARowIsDropped) {
  EXPECT_EQ(row("rm", {asked("q", {})}), "dropped: no response");
  EXPECT_EQ(row("rm", {asked("q", {"a"})}), "dropped: only one response, where this stage needs a pair");
  Conversation even = asked("q", {"a", "b"});
  even.prompt.push_back({Role::kAssistant, "x"});
  EXPECT_EQ(row("rm", {even}), "dropped: the number of prompt messages is not odd");
  Conversation broken = asked("q", {"a", "b"});
  broken.problem = "Invalid role tag";
  EXPECT_EQ(row("rm", {broken}), "dropped: Invalid role tag");
}

TEST_F(EncodeStage, FeedbackPairsEachPromptWithTheAnswerBefore) {
  const std::vector<Conversation> batch = {asked("1", {"one", ""}), asked("2", {"", "two"}), asked("3", {"three", ""})};
  EXPECT_EQ(row("kto", batch, 0), "U1Aone$|...one$ / U1Athree$|...three$ good");
  EXPECT_EQ(row("kto", batch, 1), "U2Atwo$|...two$ / U2Aone$|...one$ bad");
  EXPECT_EQ(row("kto", batch, 2), "U3Athree$|...three$ / U3Atwo$|...two$ good");
}

TEST_F(EncodeStage, FeedbackOfASingleRowIsPairedWithItself) {
  EXPECT_EQ(row("kto", {asked("1", {"one", ""})}), "U1Aone$|...one$ / U1Aone$|...one$ good");
  EXPECT_EQ(row("kto", {asked("1", {"", ""})}), "U1A$|...$ / U1A$|...$ bad");
}

TEST_F(EncodeStage, FeedbackTakesTheAnswerOfADroppedRowAndPassesOverRowsWithout) {
  Conversation single = asked("2", {"two"});
  EXPECT_EQ(row("kto", {asked("1", {"one", ""}), single}, 1),
            "dropped: only one response, where this stage needs a pair");
  EXPECT_EQ(row("kto", {single, asked("1", {"one", ""})}, 1), "U1Aone$|...one$ / U1Atwo$|...two$ good");
  const std::vector<Conversation> hole = {asked("1", {"one", ""}), Conversation{}, asked("3", {"", "three"})};
  EXPECT_EQ(row("kto", hole, 2), "U3Athree$|...three$ / U3Aone$|...one$ bad");
  EXPECT_EQ(row("kto", {Conversation{}, asked("3", {"", "three"})}, 1),
            "U3Athree$|...three$ / U3Athree$|...three$ bad");
}

TEST_F(EncodeStage, FeedbackCutsEachOfTheTwoByItself) {
  options_.cutoff_len = 8;
  EXPECT_EQ(row("kto", {asked("ab", {"x", ""}), asked("cd", {"12345678", ""})}, 0),
            "UabAx$|....x$ / Uab12345|...12345 good");
}

TEST_F(EncodeStage, FeedbackWarnsOfASingleKindOfTag) {
  std::vector<std::string> warnings;
  set_log_sink([&](LogLevel level, const std::string& line) {
    if (level == LogLevel::kWarn) warnings.push_back(line);
  });
  const auto complete = [&](std::vector<std::vector<std::string>> answers) {
    Dataset rows;
    for (const auto& answer : answers) rows.append(encoder("kto")->encode(asked("q", answer)).example);
    encoder("kto")->complete(std::move(rows), "toy");
  };
  complete({{"a", ""}, {"", "b"}});
  complete({});
  EXPECT_THAT(warnings, IsEmpty());
  complete({{"a", ""}, {"b", ""}});
  complete({{"", "a"}});
  set_log_sink(nullptr);
  EXPECT_THAT(warnings,
              ElementsAre(HasSubstr("Your dataset only has one preference type. (toy: all 2 rows are desirable"),
                          HasSubstr("(toy: all 1 rows are undesirable")));
}

TEST_F(EncodeStage, UnsupervisedHasThePromptAndTheResponseBesideIt) {
  EXPECT_EQ(row("ppo", {asked("hi", {"yes"})}), "UhiA|yes$");
  EXPECT_EQ(row("ppo", {asked("hi", {})}), "UhiA|$");
  EXPECT_EQ(row("ppo", {asked("hi", {"good", ""})}), "UhiA|$");
  efficient_eos_ = true;
  EXPECT_EQ(row("ppo", {asked("hi", {"yes"})}), "UhiA|yes$");
  options_.cutoff_len = 8;
  EXPECT_EQ(row("ppo", {asked("hi", {"1234567"})}), "Uhi|12345");
  EXPECT_EQ(make_encoder("sft", true, options_, tokenizer_, letters_)->kind(), ExampleKind::kUnsupervised);
}

TEST_F(EncodeStage, TheFirstRowIsShownAsUpstreamPrintsIt) {
  const auto text = [&](const char* stage) {
    Dataset data;
    data.append(encoder(stage)->encode(asked("q", {"y", "n"})).example);
    return example_text(data, tokenizer_, "training example:", true);
  };
  EXPECT_EQ(
      text("rm"),
      "training example:\nchosen_input_ids:\n[95, 123, 75, 131, 2]\nchosen_inputs:\nUqAy$\nchosen_label_ids:\n[-100, "
      "-100, -100, 131, 2]\nchosen_labels:\ny$\nrejected_input_ids:\n[95, 123, 75, 120, 2]\nrejected_inputs:\nUqAn$\n"
      "rejected_label_ids:\n[-100, -100, -100, 120, 2]\nrejected_labels:\nn$\n");
  EXPECT_EQ(
      text("kto"),
      "training example:\ninput_ids:\n[95, 123, 75, 131, 2]\ninputs:\nUqAy$\nlabel_ids:\n[-100, -100, -100, 131, 2]\n"
      "labels:\ny$\n");
  EXPECT_EQ(text("ppo"), "training example:\ninput_ids:\n[95, 123, 75]\ninputs:\nUqA\nlabel_ids:\n[2]\nlabels:\n$\n");
}

TEST_F(EncodeStage, CutoffsOfOneAndTwoTokensGiveRows) {
  for (const int64_t cutoff : {1, 2}) {
    options_.cutoff_len = cutoff;
    for (const char* stage : {"rm", "kto", "ppo", "sft"}) {
      const std::vector<std::string> answers =
          stage == std::string("sft") ? std::vector<std::string>{"xyz"} : std::vector<std::string>{"xyz", "w"};
      const EncodedRow row = encoder(stage)->encode(asked("abc", answers));
      EXPECT_EQ(row.dropped, "") << stage;
      EXPECT_LE(static_cast<int64_t>(row.example.ids.size()), cutoff) << stage;
      EXPECT_LE(static_cast<int64_t>(row.example.second_ids.size()), cutoff) << stage;
    }
  }
}

TEST_F(EncodeStage, MediaIsRefusedByName) {
  for (const char* stage : {"pt", "sft", "rm", "kto", "ppo"}) {
    Conversation seen =
        asked("q", stage == std::string("sft") ? std::vector<std::string>{"a"} : std::vector<std::string>{"a", "b"});
    seen.videos = {{.paths = {"cat.mp4"}, .bytes = ""}};
    try {
      encoder(stage)->encode(seen);
      ADD_FAILURE() << stage << " took a video";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
      EXPECT_THAT(error.what(), HasSubstr("does not support video input"));
    }
  }
}

TEST_F(EncodeStage, UnknownStagesAndWrongRankingAreRefused) {
  EXPECT_THROW(encoder("grpo"), Error);
  options_.cutoff_len = 0;
  for (const char* stage : {"pt", "sft", "rm", "kto", "ppo"}) EXPECT_THROW(encoder(stage), Error) << stage;
  for (const char* stage : {"rm", "dpo"}) {
    EXPECT_TRUE(stage_needs_ranking(stage));
    EXPECT_NO_THROW(check_ranking("toy", true, stage));
    EXPECT_THROW(check_ranking("toy", false, stage), Error);
  }
  for (const char* stage : {"pt", "sft", "kto", "ppo"}) {
    EXPECT_NO_THROW(check_ranking("toy", false, stage));
    try {
      check_ranking("toy", true, stage);
      ADD_FAILURE() << stage;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("The dataset is not applicable in the current training stage. (toy has"));
    }
  }
}

}  // namespace
}  // namespace lf
