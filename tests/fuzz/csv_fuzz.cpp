// rooms: base
// sources: src/data/source/csv_scanner.cpp src/data/source/csv_row.cpp src/data/source/row_scanner.cpp
// sources: src/data/source/text_window.cpp src/data/source/byte_reader.cpp src/data/source/json_row.cpp
// sources: src/data/source/utf8.cpp
//
// Any bytes as a CSV file: records are found, their types learned, their rows made, or refused with an lf::Error. Every
// row has the columns of the header, and its text is valid UTF-8.
#include <cstdlib>

#include "base/error.h"
#include "data/source/csv_row.h"
#include "data/source/row_scanner.h"

namespace lf {
namespace {

void read_rows(std::string_view text) {
  const auto scanner = scan_csv(memory_bytes(text), "fuzz.csv");
  ScannedRow row;
  if (!scanner->next(row)) return;
  CsvShape shape(row.text, "fuzz.csv");
  const Json first = scanner->position();
  while (scanner->next(row)) shape.learn(row.text);
  scanner->seek(first);
  size_t columns = 0;
  while (scanner->next(row)) {
    try {
      const Json values = shape.row(row.text, row.place);
      if (columns != 0 && values.size() != columns) std::abort();
      columns = values.size();
      values.dump();  // throws on invalid UTF-8
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) std::abort();
    }
  }
}

}  // namespace
}  // namespace lf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    lf::read_rows({reinterpret_cast<const char*>(data), size});
  } catch (const lf::Error&) {
  }
  return 0;
}
