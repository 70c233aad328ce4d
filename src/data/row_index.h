// Where the rows of a data file begin and end: one quick pass, no parsing. Rows are parsed one by one when they are
// needed.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace lf {

struct RowSpan {
  uint64_t offset = 0;  // of the first byte in the file
  uint32_t bytes = 0;
  uint32_t number = 0;  // line, or element of the array; from 1
};

enum class RowKind { kJson, kJsonLines, kText };

/// Errors (kData) name the file, the row and the byte: a row above 64 MB, an unfinished array, a missing comma between
/// rows. kJson is an array of objects, but also takes one object, or objects one after another. kJsonLines takes an
/// array too. kText: each line is a row, ended by \n, \r\n or \r. A byte order mark is skipped; blank JSON lines are no
/// rows.
std::vector<RowSpan> index_rows(std::string_view text, std::string_view file, RowKind kind);

}  // namespace lf
