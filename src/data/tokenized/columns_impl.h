// Which columns LLaMA-Factory's processors write for each kind of row, and their types as Python datasets chooses them.
#pragma once
#include <string>
#include <vector>

#include "data/dataset.h"

namespace lf {

/// Integers of a row in list columns; anything else is named for itself.
enum class ColumnType { kInt8List, kInt32List, kInt64List, kBool, kNull, kInt32, kPackingParams };

struct ColumnSpec {
  const char* name;
  ColumnType type;
};

/// How a dataset is written.
struct ColumnChoice {
  bool labels = true;  // stage pt has none: they are the ids
  bool exact =
      false;  // for our own cache: places of examples and padding as they are, no columns that follow from others
};

std::vector<ColumnSpec> columns_of(const Dataset& dataset, const ColumnChoice& choice);
/// The integers of row `row` in a list column of columns_of().
std::vector<int32_t> list_of(const Dataset& dataset, int64_t row, const std::string& column);

}  // namespace lf
