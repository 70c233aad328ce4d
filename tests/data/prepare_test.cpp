// Files as users have them: good ones, and each kind of bad one with the message it must give (RELIABILITY D1, D3, D4).
#include "data/prepare.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/log.h"
#include "data/fakes.h"
#include "data/preview.h"
#include "support/shared.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using lf::testing::ByteTokenizer;
using lf::testing::LetterTemplate;
using lf::testing::write_bytes;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A dataset folder with one dataset "toy", and a configuration that names it.
class PrepareTest : public ::testing::Test {
 protected:
  PrepareTest() {
    config_.data.dataset_dir = folder_.path().string();
    config_.data.dataset = {"toy"};
    config_.data.packing = false;
    set_log_sink([this](LogLevel level, const std::string& line) {
      if (level == LogLevel::kWarn) warnings_.push_back(line);
    });
  }
  ~PrepareTest() override { set_log_sink(nullptr); }

  void dataset(const std::string& file, const std::string& content, const std::string& more = "") {
    write_bytes(folder_ / file, content);
    info(R"({"toy": {"file_name": ")" + file + "\"" + more + "}}");
  }
  void info(const std::string& json) { write_bytes(folder_ / "dataset_info.json", json); }
  void sharegpt(const std::string& content, const std::string& more = "") {
    dataset("toy.json", content, R"(, "formatting": "sharegpt")" + more);
  }

  PreparedData prepare() const { return prepare_datasets(config_, tokenizer_, template_); }
  std::string refusal() const {
    try {
      prepare();
    } catch (const Error& error) {
      return fmt::format("{}: {}", kind_name(error.kind()), error.what());
    }
    return "accepted";
  }
  std::vector<std::string> texts(const Dataset& dataset) const {
    std::vector<std::string> out;
    for (int64_t i = 0; i < dataset.size(); ++i) out.push_back(tokenizer_.decode(dataset.ids(i), false));
    return out;
  }

  lf::testing::TempFolder folder_;
  RunConfig config_;
  ByteTokenizer tokenizer_;
  LetterTemplate template_;
  std::vector<std::string> warnings_;
};

constexpr const char* kRows = R"([{"instruction": "q1", "input": "", "output": "a1"},
  {"instruction": "q2", "input": "i2", "output": "a2"}, {"instruction": "q3", "input": null, "output": "a3"}])";

TEST_F(PrepareTest, ReadsAlpacaJson) {
  dataset("toy.json", kRows);
  EXPECT_THAT(texts(prepare().train), ElementsAre("Uq1Aa1$", "Uq2\ni2Aa2$", "Uq3Aa3$"));
}

TEST_F(PrepareTest, ReadsJsonLinesWithMarkAndCarriageReturns) {
  dataset("toy.jsonl",
          "\xEF\xBB\xBF{\"instruction\": \"q1\", \"input\": \"\", \"output\": \"a1\"}\r\n\r\n{\"instruction\": \"q2\", "
          "\"output\": \"a2\"}\r\n");
  EXPECT_THAT(texts(prepare().train), ElementsAre("Uq1Aa1$", "Uq2Aa2$"));
}

TEST_F(PrepareTest, ReadsHistorySystemAndTools) {
  dataset(
      "toy.json",
      R"([{"instruction": "q", "input": "", "output": "a", "old": [["x", "y"]], "sys": "S", "tools": [{"name": "f"}]}])",
      R"(, "columns": {"prompt": "instruction", "response": "output", "history": "old", "system": "sys", "tools": "tools"})");
  EXPECT_THAT(texts(prepare().train), ElementsAre("S[{\"name\": \"f\"}]UxAy$UqAa$"));
}

TEST_F(PrepareTest, ReadsTextLinesForPretraining) {
  config_.finetuning.stage = "pt";
  dataset("toy.txt", "one\r\ntwo\n\n", R"(, "columns": {"prompt": "text"})");
  EXPECT_THAT(texts(prepare().train), ElementsAre("one$", "two$", "$"));
}

TEST_F(PrepareTest, ReadsAllFilesOfAFolder) {
  std::filesystem::create_directory(folder_ / "many");
  write_bytes(folder_ / "many/b.json", R"([{"instruction": "q2", "input": "", "output": "a2"}])");
  write_bytes(folder_ / "many/a.json", R"([{"instruction": "q1", "input": "", "output": "a1"}])");
  info(R"({"toy": {"file_name": "many"}})");
  EXPECT_THAT(texts(prepare().train), ElementsAre("Uq1Aa1$", "Uq2Aa2$"));
  write_bytes(folder_ / "many/c.txt", "x");
  EXPECT_THAT(refusal(), HasSubstr("File types should be identical"));
}

TEST_F(PrepareTest, ReadsShareGptAndDropsBrokenRowsWithACount) {
  sharegpt(
      R"([{"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
    {"conversations": [{"from": "human", "value": "q"}, {"from": "human", "value": "q"}]},
    {"conversations": [{"from": "gpt", "value": "a"}, {"from": "human", "value": "q"}]},
    {"conversations": [{"from": "human", "value": "q"}]},
    {"conversations": [{"from": "robot", "value": "q"}, {"from": "gpt", "value": "a"}]},
    {"conversations": [{"from": "human", "value": "q"}, {"from": "function_call", "value": "f"}, {"from": "observation", "value": "o"}, {"from": "gpt", "value": "a"}]}])");
  EXPECT_THAT(texts(prepare().train), ElementsAre("SUqAa$", "UqAf$UoAa$"));
  EXPECT_THAT(warnings_, ElementsAre(AllOf(HasSubstr("toy: 4 of 6 rows dropped"), HasSubstr("3 x Invalid role tag"),
                                           HasSubstr("toy.json: row 2: Invalid role tag in [human, human]"),
                                           HasSubstr("1 x Invalid message count"))));
}

TEST_F(PrepareTest, ReadsOpenAiMessagesAsUpstreamDoes) {
  dataset(
      "toy.json", R"([{"messages": [{"role": "user", "content": "q"},
      {"role": "assistant", "content": null, "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": "{}"}}]},
      {"role": "tool", "content": "r1"}, {"role": "tool", "content": "r2"}, {"role": "assistant", "content": "a"}]}])",
      R"(, "formatting": "openai", "columns": {"messages": "messages"}, "tags": {"role_tag": "role", "content_tag": "content",
             "user_tag": "user", "assistant_tag": "assistant", "observation_tag": "tool", "function_tag": "function", "system_tag": "system"})");
  EXPECT_THAT(texts(prepare().train), ElementsAre("detailed thinking offUqA[{\"name\": \"f\", \"arguments\": \"{}\"}]$"
                                                  "Ur1\n</tool_response>\n<tool_response>\nr2Aa$"));
}

TEST_F(PrepareTest, MergesLimitsAndSplits) {
  info(R"({"toy": {"file_name": "toy.json"}, "other": {"file_name": "other.json"}})");
  write_bytes(folder_ / "toy.json", kRows);
  write_bytes(folder_ / "other.json", R"([{"instruction": "o", "input": "", "output": "p"}])");
  config_.data.dataset = {"toy", "other"};
  config_.data.max_samples = 2;
  EXPECT_THAT(texts(prepare().train), ElementsAre("Uq1Aa1$", "Uq2\ni2Aa2$", "UoAp$"));
  config_.data.val_size = 1;
  const PreparedData split = prepare();
  EXPECT_EQ(split.train.size(), 2);
  ASSERT_EQ(split.eval.size(), 1);
  EXPECT_EQ(split.eval[0].second.size(), 1);
}

TEST_F(PrepareTest, KeepsEvaluationSetsApartWhenAsked) {
  info(R"({"toy": {"file_name": "toy.json"}, "other": {"file_name": "toy.json"}})");
  write_bytes(folder_ / "toy.json", kRows);
  config_.data.eval_dataset = {"toy", "other"};
  const PreparedData together = prepare();
  ASSERT_EQ(together.eval.size(), 1);
  EXPECT_EQ(together.eval[0].second.size(), 6);
  config_.data.eval_on_each_dataset = true;
  const PreparedData apart = prepare();
  ASSERT_EQ(apart.eval.size(), 2);
  EXPECT_EQ(apart.eval[1].first, "other");
  EXPECT_EQ(apart.eval[1].second.size(), 3);
}

TEST_F(PrepareTest, TakesNumSamplesWithRepetition) {
  dataset("toy.json", kRows, R"(, "num_samples": 7)");
  EXPECT_EQ(prepare().train.size(), 7);
  dataset("toy.json", kRows, R"(, "num_samples": 2)");
  EXPECT_EQ(prepare().train.size(), 2);
}

TEST_F(PrepareTest, AMalformedRowIsNamedByFileRowAndByte) {
  dataset("toy.jsonl",
          "{\"instruction\": \"q\", \"input\": \"\", \"output\": \"a\"}\n{\"instruction\": \"q\", \"output\": }\n");
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("data: "), HasSubstr("toy.jsonl: row 2, byte 80"), HasSubstr("a value was expected")));
  dataset("toy.json", R"([{"instruction": "q", "input": "", "output": NaN}])");
  EXPECT_THAT(refusal(), HasSubstr("NaN and Infinity are Python's"));
  dataset("toy.json", R"([{"instruction": "q", "input": "", "output": "a"}, 7])");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("row 2"), HasSubstr("an object with columns was needed but it is a number")));
  dataset("toy.json", R"([{"instruction": 5, "input": "", "output": "a"}])");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("toy.json: row 1 (dataset toy)"),
                               HasSubstr("column 'instruction' must be text but is a number")));
  config_.finetuning.stage = "pt";
  dataset("toy.txt", "good\nbad \xff\n", R"(, "columns": {"prompt": "text"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("toy.txt: row 2, byte 9"), HasSubstr("not valid UTF-8")));
}

TEST_F(PrepareTest, TheFirstBadRowIsReportedWhateverThreadFindsOneFirst) {
  std::string rows;
  for (int i = 1; i <= 400; ++i)
    rows += i >= 57 ? "{broken\n" : "{\"instruction\": \"q\", \"input\": \"\", \"output\": \"a\"}\n";
  dataset("toy.jsonl", rows);
  for (int round = 0; round < 5; ++round) EXPECT_THAT(refusal(), HasSubstr("toy.jsonl: row 57,"));
}

TEST_F(PrepareTest, AMissingColumnIsNamedWithTheColumnsThatAreThere) {
  dataset("toy.json",
          R"([{"instruction": "q", "input": "", "outputs": "a"}, {"instruction": "q", "input": "", "outputs": "a"}])");
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("toy.json: row 1"), HasSubstr("column 'output' is in no row; did you mean outputs?"),
                    HasSubstr("the columns are instruction, input, outputs")));
}

TEST_F(PrepareTest, UnknownDatasetsAndKeysNameTheNearest) {
  dataset("toy.json", kRows);
  config_.data.dataset = {"tou"};
  EXPECT_THAT(refusal(), AllOf(HasSubstr("Undefined dataset tou in "), HasSubstr("did you mean toy?")));
  config_.data.dataset = {"toy"};
  dataset("toy.json", kRows, R"(, "formating": "alpaca")");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("formating is not a key"), HasSubstr("did you mean formatting?")));
  dataset("toy.json", kRows, R"(, "columns": {"promt": "instruction"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("promt is not a key of columns"), HasSubstr("did you mean prompt?")));
  dataset("toy.json", kRows, R"(, "formatting": "sharegp")");
  EXPECT_THAT(refusal(), HasSubstr("did you mean sharegpt?"));
  info(R"({"toy": {"formatting": "alpaca"}})");
  EXPECT_THAT(refusal(), HasSubstr("file_name is missing"));
}

TEST_F(PrepareTest, AMissingDescriptionNamesAllPathsTried) {
  config_.data.dataset_dir = "no/such/folder";
  config_.config_file = folder_ / "configs/train.yaml";
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const std::string message = refusal();
  std::filesystem::current_path(before);
  EXPECT_THAT(message, AllOf(HasSubstr("no/such/folder/dataset_info.json"),
                             HasSubstr("configs/no/such/folder/dataset_info.json"),
                             HasSubstr("configs/dataset_info.json"), HasSubstr(" data/dataset_info.json")));
}

TEST_F(PrepareTest, TheDescriptionIsAlsoFoundBesideTheConfigurationFile) {
  dataset("toy.json", kRows);
  config_.data.dataset_dir = "somewhere";
  config_.config_file = folder_ / "train.yaml";
  EXPECT_EQ(prepare().train.size(), 3);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("somewhere/dataset_info.json is not there")));
}

TEST_F(PrepareTest, SourcesThatAreNotAvailableAreRefusedByName) {
  info(R"({"toy": {"script_url": "data.py"}})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("unsupported: "), HasSubstr("no code of datasets is run here")));
  info(R"({"toy": {"file_name": "gone.json"}})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("gone.json"), HasSubstr("not found")));
  dataset("toy.json", R"([{"instruction": "q", "input": "", "output": "a", "pics": ["x.png"]}])",
          R"(, "columns": {"prompt": "instruction", "response": "output", "images": "pics"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("row 1"), HasSubstr("the row holds images")));
}

TEST_F(PrepareTest, PreferenceAndFeedbackDataAreNotForTheseStages) {
  sharegpt(
      R"([{"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "a"}, "rejected": {"from": "gpt", "value": "b"}}])",
      R"(, "ranking": true, "columns": {"messages": "conversations", "chosen": "chosen", "rejected": "rejected"})");
  EXPECT_THAT(refusal(), HasSubstr("The dataset is not applicable in the current training stage."));
  dataset("toy.json", R"([{"instruction": "q", "input": "", "output": "a", "label": true}])",
          R"(, "columns": {"prompt": "instruction", "response": "output", "kto_tag": "label"})");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("Cannot find valid samples"),
                               HasSubstr("feedback or ranking data is not for this stage")));
}

TEST_F(PrepareTest, NothingLeftIsAnErrorBeforeAnyModelIsLoaded) {
  dataset("toy.json", "[]");
  EXPECT_THAT(refusal(), HasSubstr("holds no rows"));
  sharegpt(R"([{"conversations": []}, {"conversations": [{"from": "gpt", "value": "a"}]}])");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("Cannot find valid samples"), HasSubstr("All 2 rows were dropped")));
  dataset("toy.json", kRows);
  config_.data.max_samples = 0;
  EXPECT_THAT(refusal(), HasSubstr("Cannot find valid samples"));
  config_.data.max_samples.reset();
  config_.finetuning.stage = "pt";
  config_.data.packing = true;
  EXPECT_THAT(refusal(), HasSubstr("Cannot find sufficient samples"));
}

TEST_F(PrepareTest, OneSampleIsEnough) {
  dataset("toy.json", R"([{"instruction": "q", "input": "", "output": "a"}])");
  EXPECT_EQ(prepare().train.size(), 1);
  config_.data.val_size = 0.5;
  EXPECT_THAT(refusal(), HasSubstr("at least one row must be left on each side"));
}

TEST_F(PrepareTest, ARowWithoutLossIsCountedAndADatasetWithoutLossIsRefused) {
  const std::string answered = R"({"instruction": "q", "input": "", "output": "a"})";
  const std::string cut =
      R"({"instruction": "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "input": "", "output": "aa"})";
  config_.data.cutoff_len = 4;
  dataset("toy.json", "[" + answered + "," + cut + "]");
  EXPECT_EQ(prepare().train.masked_rows(), 1);
  EXPECT_THAT(warnings_, Contains(HasSubstr("no token bears loss in 1 of 2 rows")));
  dataset("toy.json", "[" + cut + "]");
  EXPECT_THAT(refusal(), HasSubstr("no token of its 1 rows bears loss"));
}

TEST_F(PrepareTest, ShortestCutoffAndEmptyAnswersDoNotCrash) {
  dataset("toy.json",
          R"([{"instruction": "", "input": "", "output": ""}, {"instruction": "q", "input": "", "output": "a"}])");
  for (int64_t cutoff = 1; cutoff < 12; ++cutoff) {
    config_.data.cutoff_len = cutoff;
    for (const bool history : {false, true}) {
      config_.data.mask_history = history;
      refusal();
    }
  }
  config_.data.cutoff_len = 0;
  EXPECT_THAT(refusal(), HasSubstr("cutoff_len must be positive"));
}

TEST_F(PrepareTest, ShowsTheFirstExampleAsUpstreamPrintsIt) {
  dataset("toy.json", R"([{"instruction": "q", "input": "", "output": "a"}])");
  const PreparedData data = prepare();
  EXPECT_EQ(example_text(data.train, tokenizer_, "training example:", true),
            "training example:\ninput_ids:\n[95, 123, 75, 107, 2]\ninputs:\nUqAa$\nlabel_ids:\n[-100, -100, -100, 107, "
            "2]\nlabels:\na$\n");
  EXPECT_EQ(preview_row(data.train, 0, tokenizer_),
            "row 0: 5 tokens, 2 bear loss\n[no loss 3 tokens] UqA\n[loss 2 tokens] a$\n");
}

TEST_F(PrepareTest, PreprocessingWorkersChangePacksButNotTheirNumberOfThreads) {
  std::string rows;
  for (int i = 0; i < 50; ++i)
    rows +=
        fmt::format("{{\"instruction\": \"{}\", \"input\": \"\", \"output\": \"a\"}}\n", std::string(i % 7 + 1, 'q'));
  dataset("toy.jsonl", rows);
  config_.data.packing = true;
  config_.data.cutoff_len = 30;
  const uint64_t whole = prepare().train.fingerprint();
  EXPECT_EQ(prepare().train.fingerprint(), whole);
  config_.data.preprocessing_num_workers = 4;
  EXPECT_NE(prepare().train.fingerprint(), whole);
}

TEST_F(PrepareTest, TheBundledDemoDatasetsAreWhole) {
  config_.data.dataset_dir = (lf::testing::source_dir() / "data").string();
  for (const char* name : {"demo_identity", "demo_chat", "demo_tools"}) {
    config_.data.dataset = {name};
    EXPECT_GE(prepare().train.size(), 10) << name;
  }
  config_.finetuning.stage = "pt";
  for (const char* name : {"demo_text", "demo_stories"}) {
    config_.data.dataset = {name};
    EXPECT_GE(prepare().train.size(), 200) << name;
  }
  EXPECT_THAT(warnings_, ElementsAre());
}

}  // namespace
}  // namespace lf
