#include "data/source/json_row.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "data/source/row_scanner.h"

namespace lf {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal(std::string_view row) {
  try {
    parse_json_row(row, {"f.jsonl", 12, 100});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "accepted";
}

TEST(JsonRow, KeepsValuesAndTheOrderOfKeys) {
  const Json row =
      parse_json_row(R"( {"z": [1, -2.5e3, true, null, ""], "a": {"b": "x\u00e9\n\ud83d\ude00\/"}} )", {"f", 1, 0});
  EXPECT_EQ(row.dump(), R"({"z":[1,-2500.0,true,null,""],"a":{"b":"xé\n😀/"}})");
  EXPECT_EQ(parse_json_row("18446744073709551615", {}).get<uint64_t>(), 18446744073709551615ull);
}

TEST(JsonRow, NamesFileRowByteAndExcerptOfWhatIsWrong) {
  EXPECT_THAT(refusal(R"({"a": "b" "c"})"),
              AllOf(HasSubstr("f.jsonl: row 12, byte 110"), HasSubstr("',' or '}' was expected but found '\"'"),
                    HasSubstr("\"c\"")));
}

TEST(JsonRow, RefusesWhatIsNotJson) {
  EXPECT_THAT(refusal(R"({"a": 1,})"), HasSubstr("a comma stands before '}'"));
  EXPECT_THAT(refusal("[1,]"), HasSubstr("a comma stands before ']'"));
  EXPECT_THAT(refusal(R"({"a": NaN})"), HasSubstr("NaN and Infinity are Python's"));
  EXPECT_THAT(refusal(R"({"a": -Infinity})"), HasSubstr("NaN and Infinity are Python's"));
  EXPECT_THAT(refusal(R"({"a": 1, "a": 2})"), HasSubstr("the key \"a\" appears twice"));
  EXPECT_THAT(refusal(R"({"a": "\ud800"})"), HasSubstr("lone high surrogate"));
  EXPECT_THAT(refusal(R"({"a": "\udc00"})"), HasSubstr("lone low surrogate"));
  EXPECT_THAT(refusal("{\"a\": \"\xed\xa0\x80\"}"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(refusal("{\"a\": \"\xc0\xaf\"}"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(refusal("{\"a\": \"\xf0\x9f\"}"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(refusal("{\"a\": \"x\ny\"}"), HasSubstr("control character (0x0a)"));
  EXPECT_THAT(refusal(std::string("{\"a\": \"x\0y\"}", 12)), HasSubstr("control character (0x00)"));
  EXPECT_THAT(refusal(R"({"a": "no end)"), HasSubstr("no closing quote"));
  EXPECT_THAT(refusal(R"({"a": 01})"), HasSubstr("',' or '}' was expected"));
  EXPECT_THAT(refusal(R"({"a": 1e999})"), HasSubstr("outside the range"));
  EXPECT_THAT(refusal(R"({"a": 1} 2)"), HasSubstr("something follows"));
  EXPECT_THAT(refusal(R"({"a": tru})"), HasSubstr("a value was expected"));
  EXPECT_THAT(refusal(R"({"a": "\x"})"), HasSubstr("unknown escape"));
  EXPECT_THAT(refusal(R"({a: 1})"), HasSubstr("a key in double quotes was expected"));
  EXPECT_THAT(refusal(""), HasSubstr("the row ends"));
}

TEST(JsonRow, BoundsTheDepth) {
  EXPECT_EQ(refusal(std::string(512, '[') + std::string(512, ']')), "accepted");
  EXPECT_THAT(refusal(std::string(100000, '[')), HasSubstr("nested deeper than 512 levels"));
}

std::vector<std::string> rows_of(std::string_view text, RowKind kind) {
  std::vector<std::string> rows;
  const auto scanner = scan_rows(memory_bytes(text), "f.json", kind);
  for (ScannedRow row; scanner->next(row);) {
    EXPECT_EQ(text.substr(row.place.offset, row.text.size()), row.text);
    rows.push_back(fmt::format("{}:{}", row.place.number, row.text));
  }
  return rows;
}

std::string index_refusal(std::string_view text, RowKind kind = RowKind::kJson) {
  try {
    rows_of(text, kind);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RowIndex, FindsRowsOfArraysLinesAndTexts) {
  using testing::ElementsAre;
  EXPECT_THAT(rows_of("\xEF\xBB\xBF [ {\"a\": \"]}\\\"\"}\n, {\"b\": [1, 2]} ]\n", RowKind::kJson),
              ElementsAre("1:{\"a\": \"]}\\\"\"}", "2:{\"b\": [1, 2]}"));
  EXPECT_THAT(rows_of("{\"a\": 1}\r\n\n  {\"b\": 2}\r\n", RowKind::kJsonLines),
              ElementsAre("1:{\"a\": 1}", "3:{\"b\": 2}"));
  EXPECT_THAT(rows_of("{\"a\": 1}\n{\"b\": 2}", RowKind::kJson), ElementsAre("1:{\"a\": 1}", "2:{\"b\": 2}"));
  EXPECT_THAT(rows_of("{\n\"a\": 1}\n{\"b\":\n 2}", RowKind::kJson), ElementsAre("1:{\n\"a\": 1}", "2:{\"b\":\n 2}"));
  EXPECT_THAT(rows_of("[{\"a\": 1}]", RowKind::kJsonLines), ElementsAre("1:{\"a\": 1}"));
  EXPECT_THAT(rows_of("one\r\n\ntwo\rthree\n", RowKind::kText), ElementsAre("1:one", "2:", "3:two", "4:three"));
  EXPECT_THAT(rows_of("[]", RowKind::kJson), ElementsAre());
  EXPECT_THAT(rows_of(" \n", RowKind::kJsonLines), ElementsAre());
}

TEST(RowIndex, NamesTheRowOfABrokenArray) {
  EXPECT_THAT(index_refusal("[{\"a\": 1}, {\"b\": "),
              AllOf(HasSubstr("row 2, byte 11"), HasSubstr("the file ends inside this row")));
  EXPECT_THAT(index_refusal("[{\"a\": 1} {\"b\": 2}]"), HasSubstr("',' or ']' was expected"));
  EXPECT_THAT(index_refusal("[{\"a\": 1},]"), HasSubstr("a comma stands before the closing ']'"));
  EXPECT_THAT(index_refusal("[{\"a\": 1}"), HasSubstr("a closing ']' is missing"));
  EXPECT_THAT(index_refusal("[{\"a\": 1}] x"), HasSubstr("something follows the end of the array"));
  EXPECT_THAT(index_refusal("[{\"a\": \"x}]"), HasSubstr("row 1"));
}

/// Notes the sizes that are asked for.
class CountedReads final : public ByteReader {
 public:
  CountedReads(std::string_view text, std::vector<size_t>& sizes) : bytes_(memory_bytes(text)), sizes_(sizes) {}

  size_t read(char* out, size_t bytes) override {
    sizes_.push_back(bytes);
    return bytes_->read(out, bytes);
  }
  void seek(uint64_t offset) override { bytes_->seek(offset); }
  uint64_t input_size() const override { return bytes_->input_size(); }

 private:
  std::unique_ptr<ByteReader> bytes_;
  std::vector<size_t>& sizes_;
};

std::vector<size_t> read_sizes(const std::string& text, size_t rows) {
  std::vector<size_t> sizes;
  const auto scanner = scan_rows(std::make_unique<CountedReads>(text, sizes), "f.jsonl", RowKind::kJsonLines);
  size_t found = 0;
  for (ScannedRow row; scanner->next(row); ++found) EXPECT_EQ(row.text, text.substr(row.place.offset, row.text.size()));
  EXPECT_EQ(found, rows);
  return sizes;
}

TEST(RowIndex, SmallFilesNeedSmallBuffers) {
  for (const size_t size : read_sizes("{\"a\": 1}\n{\"a\": 2}\n", 2)) EXPECT_LE(size, size_t{4} << 10);
  std::string large;
  for (size_t i = 0; i < 100'000; ++i) large += fmt::format("{{\"a\": {:030}}}\n", i);
  const std::vector<size_t> sizes = read_sizes(large, 100'000);
  EXPECT_EQ(sizes.back(), size_t{256} << 10);
  EXPECT_LE(sizes.size(), 2 + 7 + large.size() / (size_t{256} << 10));
}

TEST(RowIndex, ShowsWhatStandsRoundAnErrorWhereverTheReadsEnd) {
  for (size_t blanks = 4060; blanks < 4110; ++blanks) {
    const std::string text = "[1, 2" + std::string(blanks, ' ') + "3, 4567]";
    const auto scanner = scan_rows(memory_bytes(text), "f.json", RowKind::kJson);
    try {
      for (ScannedRow row; scanner->next(row);) {
      }
      FAIL() << blanks;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("(near: " + std::string(30, ' ') + "3, 4567])")) << blanks;
    }
  }
}

TEST(RowIndex, RefusesALineOf100MB) {
  const std::string text = "{\"a\": 1}\n{\"b\": \"" + std::string(100'000'000, 'x') + "\"}\n";
  EXPECT_THAT(index_refusal(text, RowKind::kJsonLines), AllOf(HasSubstr("row 2, byte 9"), HasSubstr("at most")));
}

}  // namespace
}  // namespace lf
