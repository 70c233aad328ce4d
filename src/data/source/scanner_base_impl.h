// What the scanners of JSON, text and CSV share: the bounds and the length of the current row.
#pragma once
#include "base/error.h"
#include "base/strings.h"
#include "data/source/json_row.h"
#include "data/source/row_scanner.h"

namespace lf {

class ScannerBase : public RowScanner {
 protected:
  ScannerBase(std::unique_ptr<ByteReader> bytes, std::string file)
      : window_(std::move(bytes)), file_(std::move(file)) {}

  void begin_row() {
    start_ = window_.offset();
    overlong_ = false;
    window_.keep();
  }
  /// Call while the cursor moves through a row: a row that is too long is passed without being kept in memory.
  void check_length() {
    if (window_.offset() - start_ <= kMaxRowBytes) return;
    overlong_ = true;
    window_.keep();
  }
  bool finish_row(ScannedRow& row, const ScannedRow& found) {
    window_.forget();
    row = found;
    LF_CHECK(kData, !overlong_, "{}: row {}, byte {}: {} long, at most {} are read", file_, number_, start_,
             human_bytes(window_.offset() - start_), human_bytes(kMaxRowBytes));
    return true;
  }
  /// A whole number out of a stored position; kData otherwise.
  uint64_t number_in(const Json& position, const char* key) const {
    const auto found = position.is_object() ? position.find(key) : position.end();
    const bool number = position.is_object() && found != position.end() && found->is_number_integer();
    LF_CHECK(kData, number && (found->is_number_unsigned() || found->get<int64_t>() >= 0),
             "{}: a stored position has no '{}'; it belongs to another source", file_, key);
    return found->get<uint64_t>();
  }

  TextWindow window_;
  std::string file_;
  uint64_t number_ = 0;  // rows handed out
  uint64_t start_ = 0;   // offset of the current row
  bool overlong_ = false;
};

}  // namespace lf
