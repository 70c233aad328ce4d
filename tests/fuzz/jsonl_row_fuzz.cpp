// rooms: base
// sources: src/data/source/json_row.cpp src/data/source/row_scanner.cpp src/data/source/csv_scanner.cpp
// sources: src/data/source/text_window.cpp src/data/source/byte_reader.cpp src/data/source/utf8.cpp
// sources: src/data/format.cpp src/data/media.cpp
// sources: src/data/formats/alpaca.cpp src/data/formats/openai.cpp src/data/formats/sharegpt.cpp
//
// Any bytes as a data file, read in small pieces: rows are found, parsed and converted, or refused with an lf::Error.
// What was parsed reads back the same, and reading goes on at every stored position as if it had never stopped.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/error.h"
#include "data/format.h"
#include "data/source/json_row.h"
#include "data/source/row_scanner.h"

namespace lf {
extern const FormatEntry entry_alpaca;
extern const FormatEntry entry_openai;
extern const FormatEntry entry_sharegpt;

namespace {

DatasetAttr all_columns(bool ranking) {
  DatasetAttr attr;
  attr.history = "history";
  attr.system = "system";
  attr.tools = "tools";
  attr.chosen = "chosen";
  attr.rejected = "rejected";
  attr.images = "images";
  attr.kto_tag = "label";
  attr.ranking = ranking;
  return attr;
}

void convert(const Json& row) {
  static const DatasetAttr attrs[] = {all_columns(false), all_columns(true)};
  for (const FormatEntry* format : {&entry_alpaca, &entry_openai, &entry_sharegpt}) {
    for (const DatasetAttr& attr : attrs) {
      try {
        const Conversation conversation = format->convert(row, attr);
        if (conversation.problem.empty() && conversation.prompt.size() > 1'000'000) std::abort();
      } catch (const Error&) {
      }
    }
  }
}

void read_row(std::string_view text, const RowPlace& place) {
  Json row;
  try {
    row = parse_json_row(text, place);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) std::abort();
    return;
  }
  if (parse_json_row(row.dump(), place) != row) std::abort();
  if (row.is_object()) convert(row);
}

/// Hands out a few bytes at a time, so that rows cross the borders of reads.
class SmallReads final : public ByteReader {
 public:
  SmallReads(std::string_view text, size_t step) : text_(text), step_(step) {}

  size_t read(char* out, size_t bytes) override {
    const size_t got = text_.substr(at_, std::min(bytes, step_)).copy(out, bytes);
    at_ += got;
    return got;
  }
  void seek(uint64_t offset) override {
    LF_CHECK(kFormat, offset <= text_.size(), "behind the end");
    at_ = offset;
  }
  uint64_t input_size() const override { return text_.size(); }

 private:
  std::string_view text_;
  size_t step_;
  size_t at_ = 0;
};

std::unique_ptr<RowScanner> scan(std::string_view text, RowKind kind) {
  return scan_rows(std::make_unique<SmallReads>(text, 1 + text.size() % 7), "fuzz", kind);
}

/// All rows, each as its place and text; stops at what breaks the file.
std::vector<std::string> rows_from(RowScanner& scanner) {
  std::vector<std::string> rows;
  try {
    for (ScannedRow row; scanner.next(row);)
      rows.push_back(std::to_string(row.place.number) + ":" + std::to_string(row.place.offset) + ":" +
                     std::string(row.text));
  } catch (const Error&) {
    rows.push_back("broken");
  }
  return rows;
}

void check_positions(std::string_view text, RowKind kind, const std::vector<std::string>& rows) {
  const auto scanner = scan(text, kind);
  for (size_t i = 0; i < rows.size() && i < 4 && rows[i] != "broken"; ++i) {
    const auto other = scan(text, kind);
    other->seek(scanner->position());
    if (rows_from(*other) != std::vector(rows.begin() + i, rows.end())) std::abort();
    ScannedRow row;
    scanner->next(row);
  }
}

void read_file(std::string_view text, RowKind kind) {
  const auto scanner = scan(text, kind);
  try {
    for (ScannedRow row; scanner->next(row);) {
      if (text.substr(row.place.offset, row.text.size()) != row.text) std::abort();
      if (kind != RowKind::kText) read_row(row.text, row.place);
    }
  } catch (const Error&) {
  }
  const auto again = scan(text, kind);
  check_positions(text, kind, rows_from(*again));
}

}  // namespace
}  // namespace lf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto kind : {lf::RowKind::kJson, lf::RowKind::kJsonLines, lf::RowKind::kText}) lf::read_file(text, kind);
  return 0;
}
