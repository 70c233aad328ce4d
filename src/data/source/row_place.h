// Where a row of a data file stands: named in every message about it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace lf {

struct RowPlace {
  std::string_view file;  // lives as long as the source that gave the place
  uint64_t number = 1;    // of the line, the element of the array, or the record; from 1
  uint64_t offset = 0;    // of the row's first byte in the (uncompressed) file; 0 in Parquet and Arrow files
};

/// "data.json: row 12" - for messages about what a row says.
std::string describe(const RowPlace& place);

}  // namespace lf
