// Values of Arrow columns as JSON.
#pragma once
#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "base/json.h"
#include "data/source/row_place.h"

namespace lf {

/// Row `row` of a batch: column -> value. Lists and structs to any depth up to kMaxRowDepth; dictionaries are looked
/// up; a map is a list of pairs; bytes are JSON binary; dates, times and decimals are text in ISO form. kData for text
/// that is not UTF-8, a value above 64 MB, and types without a meaning here (unions), by name.
Json arrow_row(const arrow::RecordBatch& batch, int64_t row, const RowPlace& place);

}  // namespace lf
