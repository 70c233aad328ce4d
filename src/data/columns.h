// From a row's columns to a conversation, with messages that name the row and the dataset.
#pragma once
#include <string>

#include "data/format.h"
#include "data/source/row_place.h"

namespace lf {

/// format.convert, with the place and the dataset in front of errors.
Conversation convert_row(const FormatEntry& format, const DatasetAttr& attr, const Json& row, const RowPlace& place);
/// kData: "data.json: row 1 (dataset x): column 'output' is in no row; did you mean outputs? the columns are ..."
[[noreturn]] void throw_missing_column(const DatasetAttr& attr, const std::string& column, const Json& row,
                                       const RowPlace& place);

}  // namespace lf
