// Guessing formats, and datasets brought into other forms and read again.
#include <gmock/gmock.h>

#include "base/error.h"
#include "base/registry.h"
#include "data/format.h"
#include "data/inspect/conversion.h"
#include "data/inspect/sniff.h"
#include "data/inspect/validation.h"
#include "data/source/resolve.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using lf::testing::TempFolder;
using lf::testing::write_bytes;
using ::testing::AllOf;
using ::testing::HasSubstr;

DatasetAttr sniff(const std::string& row) { return sniff_rows({parse_json(row, "")}); }

TEST(SniffFormat, GuessesByColumnsAndRoles) {
  const DatasetAttr alpaca = sniff(R"({"instruction": "a", "input": "", "output": "b", "history": []})");
  EXPECT_EQ(alpaca.formatting, "alpaca");
  EXPECT_EQ(alpaca.query, "input");
  EXPECT_EQ(alpaca.history, "history");
  const DatasetAttr pairs = sniff(R"({"prompt": "a", "chosen": "b", "rejected": "c"})");
  EXPECT_EQ(pairs.prompt, "prompt");
  EXPECT_TRUE(pairs.ranking);
  const DatasetAttr chat = sniff(R"({"conversations": [{"from": "human", "value": "a"}], "tools": "[]"})");
  EXPECT_EQ(chat.formatting, "sharegpt");
  EXPECT_EQ(chat.tools, "tools");
  const DatasetAttr openai = sniff(
      R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "label": true})");
  EXPECT_EQ(openai.formatting, "openai");
  EXPECT_EQ(openai.user_tag, "user");
  EXPECT_EQ(openai.kto_tag, "label");
  const DatasetAttr text = sniff(R"({"text": "a"})");
  EXPECT_EQ(text.prompt, "text");
  EXPECT_EQ(text.response, std::nullopt);
}

TEST(SniffFormat, NamesTheColumnsWhenNothingFits) {
  try {
    sniff(R"({"a": 1, "b": 2})");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the columns are a, b"));
  }
}

std::vector<Conversation> conversations_of(const DatasetAttr& attr) {
  const auto table = open_table(resolve_source(attr));
  std::vector<Conversation> all;
  for (size_t i = 0; i < table->size(); ++i)
    all.push_back(require_entry(all_formats(), attr.formatting, "format").convert(table->row(i), attr));
  return all;
}

std::string text_of(const Conversation& row) {
  std::string text = row.system + "|" + row.tools + "|";
  for (const auto* messages : {&row.prompt, &row.response}) {
    for (const Message& message : *messages) text += fmt::format("{}: {}\n", role_name(message.role), message.content);
    text += "=>";
  }
  for (const auto* list : {&row.images, &row.videos, &row.audios}) {
    for (const Media& media : *list) text += media.paths.front();
  }
  return text;
}

/// Converts and reads the new file by the entry that the conversion names.
std::vector<Conversation> converted(const DatasetAttr& attr, const std::string& form, const std::string& extension) {
  const TempFolder folder;
  const Conversion done = convert_dataset(attr, {folder / ("new" + extension), form, {}});
  write_bytes(folder / "dataset_info.json", Json{{"new", done.entry}}.dump());
  return conversations_of(DatasetInfo::read(folder / "dataset_info.json").entry("new"));
}

struct Case {
  std::string name, entry, rows;
  std::vector<std::string> forms;
};

class ConvertForms : public ::testing::TestWithParam<Case> {};

TEST_P(ConvertForms, GiveTheSameConversations) {
  const TempFolder folder;
  write_bytes(folder / "rows.json", GetParam().rows);
  write_bytes(folder / "dataset_info.json", R"({"d": {"file_name": "rows.json", )" + GetParam().entry + "}}");
  const DatasetAttr attr = DatasetInfo::read(folder / "dataset_info.json").entry("d");
  const std::vector<Conversation> expected = conversations_of(attr);
  for (const std::string& form : GetParam().forms) {
    for (const char* extension : {".jsonl", ".json", ".parquet", ".arrow"}) {
      const std::vector<Conversation> got = converted(attr, form, extension);
      ASSERT_EQ(got.size(), expected.size());
      for (size_t i = 0; i < got.size(); ++i)
        EXPECT_EQ(text_of(got[i]), text_of(expected[i])) << form << extension << " row " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Data, ConvertForms,
    ::testing::Values(
        Case{
            "alpaca",
            R"("columns": {"prompt": "q", "query": "in", "response": "a", "history": "h", "system": "s", "tools": "t", "images": "i"})",
            R"([{"q": "x", "in": "y", "a": "z", "h": [["1", "2"]], "s": "be", "t": "[]", "i": ["p.png"]},
                 {"q": "x", "in": "", "a": "", "h": null, "s": null, "t": "", "i": []}])",
            {"", "alpaca", "sharegpt"}},
        Case{"sharegpt_with_tools",
             R"("formatting": "sharegpt", "columns": {"messages": "conversations", "tools": "tools"})",
             R"([{"conversations": [{"from": "system", "value": "be"}, {"from": "human", "value": "q"},
                  {"from": "function_call", "value": "{\"name\": \"f\"}"}, {"from": "observation", "value": "7"},
                  {"from": "gpt", "value": "a"}], "tools": "[{\"name\": \"f\"}]"},
                 {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "tools": ""}])",
             {"sharegpt"}},
        Case{"openai",
             R"("formatting": "openai", "columns": {"messages": "messages", "tools": "tools"},
             "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant",
                      "observation_tag": "tool", "function_tag": "function_call", "system_tag": "system"})",
             R"([{"messages": [{"role": "system", "content": "be"}, {"role": "user", "content": "q"},
                  {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]},
                  {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"},
                  {"role": "assistant", "content": "a"}], "tools": [{"name": "f"}]},
                 {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}], "tools": null},
                 {"messages": [{"role": "system", "content": "detailed thinking on"}, {"role": "user", "content": "q"},
                  {"role": "assistant", "content": "a"}], "tools": null}])",
             {"openai", "sharegpt"}},
        Case{"ranking",
             R"("ranking": true, "columns": {"prompt": "q", "chosen": "c", "rejected": "r"})",
             R"([{"q": "x", "c": "good", "r": "bad"}])",
             {"alpaca", "sharegpt"}},
        Case{
            "ranking_chat",
            R"("formatting": "sharegpt", "ranking": true, "columns": {"messages": "m", "chosen": "c", "rejected": "r"})",
            R"([{"m": [{"from": "human", "value": "q"}], "c": {"from": "gpt", "value": "good"},
                  "r": {"from": "gpt", "value": "bad"}}])",
            {"alpaca", "sharegpt"}},
        Case{"feedback",
             R"("columns": {"prompt": "q", "response": "a", "kto_tag": "k"})",
             R"([{"q": "x", "a": "good", "k": true}, {"q": "x", "a": "bad", "k": false}])",
             {"alpaca", "sharegpt"}}),
    [](const auto& info) { return info.param.name; });

class ValidateTest : public ::testing::Test {
 protected:
  std::string text(const std::string& rows, const std::string& entry = "") {
    write_bytes(folder_ / "rows.jsonl", rows);
    write_bytes(folder_ / "dataset_info.json", R"({"d": {"file_name": "rows.jsonl")" + entry + "}}");
    const DatasetAttr attr = DatasetInfo::read(folder_ / "dataset_info.json").entry("d");
    const Validation validation = validate_dataset(attr, nullptr);
    ok_ = validation.ok();
    return validation_text(validation);
  }

  TempFolder folder_;
  bool ok_ = false;
};

constexpr const char* kGood = R"({"instruction": "a", "input": "", "output": "b"})";

TEST_F(ValidateTest, ReportsAllProblemsAtOnceWithTheirPlaces) {
  const std::string report = text(std::string(kGood) + "\n{\"instruction\": oops}\n" +
                                  R"({"instruction": "<|im_end|>", "input": "", "output": 3})" + "\n" + kGood + "\n" +
                                  R"({"instruction": 7, "input": "", "output": "b"})" + "\n");
  EXPECT_FALSE(ok_);
  EXPECT_THAT(report, AllOf(HasSubstr("5 rows, 3 usable"), HasSubstr("problem: 2 x rows that cannot be used"),
                            HasSubstr("rows.jsonl: row 2, byte"), HasSubstr("column 'instruction' must be text")));
  EXPECT_THAT(report, AllOf(HasSubstr("note: 1 x texts of special tokens"), HasSubstr("row 3: <|im_end|>"),
                            HasSubstr("note: 1 x rows that repeat another row"),
                            HasSubstr("row 4 of the dataset repeats row 1")));
}

TEST_F(ValidateTest, MissingColumnsAreNamedWithWhatIsThere) {
  EXPECT_THAT(text(R"({"instruction": "a", "outputs": "b"})"
                   "\n"),
              AllOf(HasSubstr("problem: 1 x column 'output' is in no row; did you mean outputs?"),
                    HasSubstr("the columns are instruction, outputs")));
  EXPECT_FALSE(ok_);
  EXPECT_THAT(text(std::string(kGood) + "\n" + R"({"instruction": "a", "output": "b"})" + "\n"),
              HasSubstr("note: 1 x column 'input' is missing (counts as empty)"));
  EXPECT_TRUE(ok_);
}

TEST_F(ValidateTest, BrokenRolesAreDroppedAndCounted) {
  const std::string chat = R"({"conversations": [{"from": "human", "value": "a"}, {"from": "human", "value": "b"}]})";
  const std::string report = text(chat + "\n" + chat + "\n", R"(, "formatting": "sharegpt")");
  EXPECT_FALSE(ok_);
  EXPECT_THAT(report, AllOf(HasSubstr("problem: 2 x dropped: Invalid role tag"), HasSubstr("[human, human]"),
                            HasSubstr("no row is left to train on")));
}

TEST_F(ValidateTest, AFileThatCannotBeReadToItsEndIsAProblem) {
  EXPECT_THAT(text("[" + std::string(kGood) + ", {\"instruction\": "), HasSubstr("the data cannot be read"));
  EXPECT_FALSE(ok_);
  EXPECT_THAT(text(""), HasSubstr("there are no rows"));
  EXPECT_FALSE(ok_);
}

}  // namespace
}  // namespace lf
