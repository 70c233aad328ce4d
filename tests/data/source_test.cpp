// Rows of every file type, by number and in order, from files that are whole, odd, broken or hostile.
#include "data/source/source.h"

#include <gmock/gmock.h>
#include <zlib.h>
#include <zstd.h>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/row_writer.h"
#include "support/temp_folder.h"

namespace lf {
namespace {

using lf::testing::TempFolder;
using lf::testing::write_bytes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string gzip(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

/// "3: {...}" for each row, as the stream gives them; bad rows as "! message".
std::vector<std::string> streamed(RowStream& stream) {
  std::vector<std::string> rows;
  while (true) {
    Json row;
    RowPlace place;
    try {
      if (!stream.next(row, place)) return rows;
      rows.push_back(fmt::format("{}: {}", place.number, row.dump()));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
      rows.push_back(std::string("! ") + error.what());
    }
  }
}

std::vector<std::string> tabled(const RowTable& table) {
  std::vector<std::string> rows;
  for (size_t i = 0; i < table.size(); ++i) {
    try {
      rows.push_back(fmt::format("{}: {}", table.place(i).number, table.row(i).dump()));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
      rows.push_back(std::string("! ") + error.what());
    }
  }
  return rows;
}

class SourceTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    write_bytes(path, bytes);
    return path.string();
  }
  /// Stream and table agree; returns what they say.
  std::vector<std::string> rows_of(const std::vector<std::string>& paths) {
    const auto stream = open_stream({paths, ""});
    const auto rows = streamed(*stream);
    EXPECT_EQ(tabled(*open_table({paths, ""})), rows);
    return rows;
  }
  std::string refusal(const std::vector<std::string>& paths, const std::string& split = "") {
    for (const bool table : {false, true}) {
      try {
        if (table)
          tabled(*open_table({paths, split}));
        else
          streamed(*open_stream({paths, split}));
      } catch (const Error& error) {
        if (table || !split.empty()) return std::string(kind_name(error.kind())) + ": " + error.what();
        stream_refused_ = error.what();
      }
    }
    return "accepted";
  }

  TempFolder folder_;
  std::string stream_refused_;
};

TEST_F(SourceTest, ReadsJsonInEveryShape) {
  EXPECT_THAT(rows_of({file("a.json", "\xEF\xBB\xBF [{\"a\": \"]}\\\"\"}\n,\n {\"b\": [1, 2]} ]\n")}),
              ElementsAre(R"(1: {"a":"]}\""})", R"(2: {"b":[1,2]})"));
  EXPECT_THAT(rows_of({file("b.json", "{\n\"a\": 1}\n{\"b\":\n 2}")}), ElementsAre("1: {\"a\":1}", "2: {\"b\":2}"));
  EXPECT_THAT(rows_of({file("c.json", "\n{\"a\": 1}\r\n\r\n{\"b\": 2}\r\n")}),
              ElementsAre("2: {\"a\":1}", "4: {\"b\":2}"));
  EXPECT_THAT(rows_of({file("d.json", "{\n  \"a\": {\"b\": 1}\n}\n")}), ElementsAre("1: {\"a\":{\"b\":1}}"));
  EXPECT_THAT(rows_of({file("e.jsonl", "{\"a\": 1}\n\n  {\"a\": 2}  \n{\"a\": 3}")}),
              ElementsAre("1: {\"a\":1}", "3: {\"a\":2}", "4: {\"a\":3}"));
  EXPECT_THAT(rows_of({file("f.json", "[\"x\", \"y\"]")}), ElementsAre("1: {\"text\":\"x\"}", "2: {\"text\":\"y\"}"));
  EXPECT_THAT(rows_of({file("g.json", "[]")}), ElementsAre());
  EXPECT_THAT(rows_of({file("h.json", " \n")}), ElementsAre());
  EXPECT_THAT(
      rows_of({file("i.txt", "one\r\n\r\ntwo\rthree")}),
      ElementsAre("1: {\"text\":\"one\"}", "2: {\"text\":\"\"}", "3: {\"text\":\"two\"}", "4: {\"text\":\"three\"}"));
}

TEST_F(SourceTest, BadRowsAreNamedAndTheOthersAreRead) {
  const auto lines = rows_of({file("a.jsonl", "{\"a\": 1}\n{\"a\": oops}\n[1]\n{\"a\": \"\xff\"}\n{\"a\": 2}\n")});
  ASSERT_EQ(lines.size(), 5);
  EXPECT_THAT(lines[1], AllOf(HasSubstr("a.jsonl: row 2, byte 15"), HasSubstr("oops")));
  EXPECT_THAT(lines[2], HasSubstr("an object with columns was needed but it is an array"));
  EXPECT_THAT(lines[3], HasSubstr("not valid UTF-8"));
  EXPECT_EQ(lines[4], "5: {\"a\":2}");
  const auto array = rows_of({file("b.json", "[{\"a\": 1}, {\"a\" 2}, 3, {\"a\": 4}]")});
  ASSERT_EQ(array.size(), 4);
  EXPECT_THAT(array[1], HasSubstr("b.json: row 2, byte 16"));
  EXPECT_EQ(array[3], "4: {\"a\":4}");
  const auto text = rows_of({file("c.txt", "good\nbad \xc3\ngood\n")});
  EXPECT_THAT(text[1], HasSubstr("c.txt: row 2, byte 9: not valid UTF-8"));
}

TEST_F(SourceTest, BrokenFilesAreRefusedWithThePlace) {
  EXPECT_THAT(refusal({file("a.json", "[{\"a\": 1}, {\"a\": 2")}),
              AllOf(HasSubstr("format: "), HasSubstr("row 2, byte 11"), HasSubstr("the file ends inside this row")));
  EXPECT_THAT(refusal({file("b.json", "[{\"a\": 1} {\"a\": 2}]")}), HasSubstr("',' or ']' was expected after a row"));
  EXPECT_THAT(refusal({file("c.json", "[{\"a\": 1},]")}), HasSubstr("a comma stands before the closing ']'"));
  EXPECT_THAT(refusal({file("d.json", "[{\"a\": 1}")}), HasSubstr("a closing ']' is missing"));
  EXPECT_THAT(refusal({file("e.json", "[{\"a\": 1}] x")}), HasSubstr("something follows the end of the array"));
  EXPECT_THAT(refusal({file("f.json", "{\"a\": 1}, {\"a\": 2}")}), HasSubstr("put [ ] around all rows"));
  EXPECT_THAT(refusal({file("g.csv", "a,b\n\"x,1\n2,3\n")}), HasSubstr("the file ends inside a quoted field"));
  EXPECT_THAT(refusal({file("h.parquet", "PAR1 not really PAR1")}), HasSubstr("h.parquet: "));
  EXPECT_THAT(refusal({file("i.arrow", "ARROW1 and nothing")}), HasSubstr("i.arrow: "));
  EXPECT_THAT(refusal({file("j.arrow", "")}), HasSubstr("j.arrow: "));
}

TEST_F(SourceTest, ALongRowIsPassedAndTheFileGoesOn) {
  const std::string lines = "{\"a\": 1}\n{\"a\": \"" + std::string(70 << 20, 'x') + "\"}\n{\"a\": 2}\n";
  const auto rows = rows_of({file("a.jsonl", lines)});
  ASSERT_EQ(rows.size(), 3);
  EXPECT_THAT(rows[1], HasSubstr("at most 67.1 MB"));
  EXPECT_EQ(rows[2], "3: {\"a\":2}");
}

TEST_F(SourceTest, CompressedFilesGiveTheSameRows) {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += fmt::format("{{\"number\": {}, \"square\": {}}}\n", i, int64_t{i} * i);
  const auto expected = rows_of({file("a.jsonl", text)});
  ASSERT_EQ(expected.size(), 50000);
  EXPECT_EQ(rows_of({file("a.jsonl.gz", gzip(text))}), expected);
  EXPECT_EQ(rows_of({file("a.jsonl.zst", zstd(text))}), expected);
  const std::string half = text.substr(0, text.find('\n', text.size() / 2) + 1);
  EXPECT_EQ(rows_of({file("b.jsonl.gz", gzip(half) + gzip(text.substr(half.size())))}), expected) << "two members";
  EXPECT_EQ(rows_of({file("b.jsonl.zst", zstd(half) + zstd(text.substr(half.size())))}), expected) << "two frames";
}

TEST_F(SourceTest, DamagedCompressedFilesAreRefused) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("{{\"number\": {}}}\n", i * 7919);
  const std::string packed = gzip(text);
  EXPECT_THAT(refusal({file("a.jsonl.gz", packed.substr(0, packed.size() / 2))}),
              AllOf(HasSubstr("format: "), HasSubstr("the gzip file ends too early")));
  EXPECT_THAT(refusal({file("b.jsonl.gz", text)}), HasSubstr("not a valid gzip file"));
  EXPECT_THAT(refusal({file("c.jsonl.zst", zstd(text).substr(0, 100))}),
              HasSubstr("the Zstandard file ends too early"));
  EXPECT_THAT(refusal({file("d.jsonl.zst", text)}), HasSubstr("not a valid Zstandard file"));
}

TEST_F(SourceTest, BombsEndAtTheirBudget) {
  const std::string zeros(300 << 20, '0');
  EXPECT_THAT(refusal({file("a.txt.gz", gzip(zeros))}), AllOf(HasSubstr("format: "), HasSubstr("200 times its size")));
  EXPECT_THAT(refusal({file("a.txt.zst", zstd(zeros))}), HasSubstr("200 times its size"));
}

TEST_F(SourceTest, CsvHasTheTypesThatPandasGives) {
  EXPECT_THAT(
      rows_of({file("a.csv", "q,n,f,b,gap,none\r\nhi,1,1.5,True,7,\r\n\"a \"\"b\"\",\nc\",-2,2,false,,NA\r\n")}),
      ElementsAre(R"(2: {"q":"hi","n":1,"f":1.5,"b":true,"gap":7.0,"none":null})",
                  R"(3: {"q":"a \"b\",\nc","n":-2,"f":2.0,"b":false,"gap":null,"none":null})"));
  EXPECT_THAT(rows_of({file("b.csv", "a,a,,c\n\nx\"y,\"z\"w,null\n   \n")}),
              ElementsAre(R"(2: {"a":"x\"y","a.1":"zw","Unnamed: 2":null,"c":null})"));
  const auto wide = rows_of({file("c.csv", "a,b\n1,2\n3,4,5\n6,7\n")});
  ASSERT_EQ(wide.size(), 3);
  EXPECT_THAT(wide[1], HasSubstr("c.csv: row 3, byte 8: 3 fields, but the header has 2"));
  EXPECT_EQ(wide[2], "4: {\"a\":6,\"b\":7}");
  EXPECT_THAT(rows_of({file("d.csv", "a,b\n")}), ElementsAre());
  EXPECT_THAT(rows_of({file("e.csv", "")}), ElementsAre());
}

TEST_F(SourceTest, TypesOfCsvAreThoseOfTheFirstTenThousandRows) {
  std::string text = "a\n";
  for (int i = 0; i < 10000; ++i) text += "1\n";
  const auto rows = rows_of({file("a.csv", text + "x\n2\n")});
  ASSERT_EQ(rows.size(), 10002);
  EXPECT_THAT(rows[10000], AllOf(HasSubstr("column 'a' holds whole numbers in the first rows"), HasSubstr("'x'")));
  EXPECT_EQ(rows[10001], "10003: {\"a\":2}");
}

TEST_F(SourceTest, ParquetAndArrowHoldWhatWasWritten) {
  const std::vector<Json> rows = {
      parse_json(
          R"({"text": "é", "n": 1, "f": 1.5, "b": true, "list": [{"role": "user", "content": "hi"}], "o": {"x": null}})",
          ""),
      parse_json(R"({"text": "", "n": null, "f": 2, "b": false, "list": [], "o": {"x": ["a", null]}})", "")};
  RowSchema schema;
  for (const Json& row : rows) schema.learn(row);
  for (const std::string name : {"a.parquet", "a.arrow", "a.jsonl", "a.json"}) {
    const auto writer = write_rows(folder_ / name, schema);
    for (const Json& row : rows) writer->write(row);
    writer->finish();
    EXPECT_THAT(
        rows_of({(folder_ / name).string()}),
        ElementsAre(
            ::testing::StartsWith(
                R"(1: {"text":"é","n":1,"f":1.5,"b":true,"list":[{"role":"user","content":"hi"}],"o":{"x":null)"),
            ::testing::StartsWith(R"(2: {"text":"","n":null,"f":2)")))
        << name;
  }
}

/// Every position is good for going on there, in a new stream.
void check_positions(const std::vector<std::string>& paths, size_t step) {
  const auto rows = streamed(*open_stream({paths, ""}));
  const auto stream = open_stream({paths, ""});
  for (size_t i = 0; i <= rows.size(); ++i) {
    if (i % step == 0 || i == rows.size()) {
      const auto other = open_stream({paths, ""});
      other->seek(parse_json(stream->position().dump(), ""));
      EXPECT_EQ(streamed(*other), std::vector(rows.begin() + i, rows.end())) << paths[0] << " at " << i;
    }
    Json row;
    RowPlace place;
    try {
      stream->next(row, place);
    } catch (const Error&) {
    }
  }
}

TEST_F(SourceTest, StreamsGoOnAtAStoredPosition) {
  check_positions(
      {file("a.json", "[{\"a\": 1}, {\"a\" 2},\n{\"a\": 3}]"), file("b.jsonl", "\n{\"b\": 1}\r\n\n{\"b\": 2}")}, 1);
  check_positions({file("c.txt", "one\r\ntwo\rthree\n\nfour")}, 1);
  check_positions({file("d.csv", "a,b\n1,\"x\ny\"\n\n2,z,3\r\n4,w")}, 1);
  std::string text;
  RowSchema schema;
  schema.learn({{"number", 1}});
  const auto parquet = write_rows(folder_ / "e.parquet", schema);
  const auto arrow = write_rows(folder_ / "e.arrow", schema);
  for (int i = 0; i < 2500; ++i) {
    text += fmt::format("{{\"number\": {}}}\n", i);
    parquet->write({{"number", i}});
    arrow->write({{"number", i}});
  }
  parquet->finish();
  arrow->finish();
  check_positions({file("e.jsonl.gz", gzip(text))}, 499);
  check_positions({file("e.jsonl.zst", zstd(text))}, 499);
  check_positions({(folder_ / "e.parquet").string()}, 499);
  check_positions({(folder_ / "e.arrow").string()}, 499);
}

TEST_F(SourceTest, PositionsOfOtherSourcesAreRefused) {
  const auto a = open_stream({{file("a.jsonl", "{\"a\": 1}\n{\"a\": 2}\n")}, ""});
  const auto b = open_stream({{file("b.jsonl", "{\"a\": 1}\n{\"a\": 2}\n")}, ""});
  Json row;
  RowPlace place;
  a->next(row, place);
  EXPECT_THROW(b->seek(a->position()), Error);
  for (
      const char* text :
      {"null", "[]", "{}", R"({"file": 9, "name": "", "at": null})", R"({"file": -1, "at": null})",
       R"({"file": 0, "name": "b.jsonl", "at": {"offset": 1e9}})",
       R"({"file": 0, "name": "b.jsonl", "at": {"offset": 999999, "number": 1, "shape": 3, "break": 0, "done": 0}})"}) {
    EXPECT_THROW(b->seek(parse_json(text, "")), Error) << text;
  }
}

TEST_F(SourceTest, FoldersAndPatternsAreReadInTheOrderOfNames) {
  file("d/b.jsonl", "{\"a\": 2}");
  file("d/a.json", "[{\"a\": 1}]");
  file("d/.hidden", "x");
  EXPECT_THAT(rows_of({(folder_ / "d").string()}), ElementsAre("1: {\"a\":1}", "1: {\"a\":2}"));
  file("p/x/one.csv", "a\n1\n");
  file("p/x/y/two.csv", "a\n2\n");
  file("p/.z/three.csv", "a\n3\n");
  EXPECT_THAT(rows_of({(folder_ / "p/**/*.csv").string()}), ElementsAre("2: {\"a\":1}", "2: {\"a\":2}"));
}

TEST_F(SourceTest, WhatIsNotThereOrMixedIsRefused) {
  EXPECT_THAT(refusal({(folder_ / "gone.json").string()}),
              AllOf(HasSubstr("data: File "), HasSubstr("gone.json not found.")));
  EXPECT_THAT(refusal({(folder_ / "*.json").string()}), HasSubstr("no file fits the pattern"));
  EXPECT_THAT(refusal({file("a.docx", "x")}), HasSubstr("Allowed file types: arrow,csv,json,jsonl,parquet,txt"));
  EXPECT_THAT(refusal({file("a.parquet.gz", "x")}), HasSubstr("Allowed file types"));
  file("m/a.json", "[]");
  file("m/b.csv", "a\n");
  EXPECT_THAT(refusal({(folder_ / "m").string()}), HasSubstr("File types should be identical"));
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THAT(refusal({(folder_ / "empty").string()}), HasSubstr("the folder holds no files"));
  EXPECT_THAT(refusal({"ftp://host/a.json"}), AllOf(HasSubstr("unsupported: "), HasSubstr("ftp://")));
}

TEST_F(SourceTest, PartsOfASplitAreThoseOfDatasets) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += fmt::format("{}\n", i);
  const std::string path = file("a.txt", text);
  const auto part = [&](const std::string& split) {
    const auto table = open_table({{path}, split});
    std::string rows;
    for (size_t i = 0; i < table->size(); ++i) rows += table->row(i)["text"].get<std::string>();
    return rows;
  };
  EXPECT_EQ(part("train"), "0123456789");
  EXPECT_EQ(part("train[:3]"), "012");
  EXPECT_EQ(part("train[-2:]"), "89");
  EXPECT_EQ(part("train[25%:75%]"), "234567");  // 2.5 and 7.5 to the even row
  EXPECT_EQ(part("train[:2]+train[8:]"), "0189");
  EXPECT_EQ(part("train[8:99]"), "89");
  EXPECT_EQ(part("train[5:2]"), "");
  EXPECT_THAT(refusal({path}, "train[1"), HasSubstr("is not of the form"));
  EXPECT_THAT(refusal({path}, "train[:101%]"), HasSubstr("above 100 %"));
  EXPECT_THAT(refusal({path}, "train+test"), HasSubstr("cannot be joined"));
  EXPECT_THAT(refusal({path}, "train[:3]"), HasSubstr("cannot be streamed"));
}

TEST_F(SourceTest, UrisOfTheLocalFileSystemAreReadThroughArrow) {
  file("r/a.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
  file("r/b c.jsonl.gz", gzip("{\"a\": 3}\n"));
  file("r/README.md", "x");
  const std::string uri = "file://" + (folder_ / "r").string();
  EXPECT_THAT(rows_of({uri}), ElementsAre("1: {\"a\":1}", "2: {\"a\":2}", "1: {\"a\":3}"));
  EXPECT_THAT(rows_of({uri + "/a.jsonl"}), ElementsAre("1: {\"a\":1}", "2: {\"a\":2}"));
  EXPECT_THAT(rows_of({uri + "/*.gz"}), ElementsAre("1: {\"a\":3}"));
  EXPECT_THAT(refusal({uri + "/gone.json"}), HasSubstr("not found."));
}

}  // namespace
}  // namespace lf
