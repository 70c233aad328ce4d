// Where the rows of a text file begin and end: one quick pass forwards in constant memory, without parsing them.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "data/source/row_place.h"
#include "data/source/text_window.h"

namespace lf {

struct ScannedRow {
  RowPlace place;
  std::string_view text;  // valid until the scanner moves
};

class RowScanner {
 public:
  virtual ~RowScanner() = default;
  /// False at the end. kData: this row is too long (above kMaxRowBytes) and skipped;
  /// `row` has its place. kFormat: the file is broken here.
  virtual bool next(ScannedRow& row) = 0;
  virtual Json position() const = 0;
  virtual void seek(const Json& position) = 0;
};

enum class RowKind { kJson, kJsonLines, kText, kCsv };

/// kJson is an array of objects, but also takes one object, or objects one after another (one a line, or over several
/// lines). kJsonLines takes an array too. kText: each line is a row, ended by \n, \r\n or \r. kCsv: records of RFC
/// 4180, the header among them. A byte order mark is skipped; blank lines are no rows except in texts. Numbers of rows:
/// the element of the array, the line, or for CSV the record, the header being 1.
std::unique_ptr<RowScanner> scan_rows(std::unique_ptr<ByteReader> bytes, std::string file, RowKind kind);
std::unique_ptr<RowScanner> scan_csv(std::unique_ptr<ByteReader> bytes, std::string file);

}  // namespace lf
