// What a data file without an entry in dataset_info.json is, guessed from its first rows.
#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "data/dataset_info.h"

namespace lf {

/// Columns and tags by the names that are common; `path` may be anything that SourceSpec takes. kData naming the
/// columns when they fit no format.
DatasetAttr sniff_format(const std::string& path);
/// The same from rows at hand.
DatasetAttr sniff_rows(const std::vector<Json>& rows);
/// The file alone, with the defaults for everything else.
DatasetAttr attr_of_file(const std::string& path);

/// The entry of dataset_info.json that says the same as `attr`.
Json entry_of(const DatasetAttr& attr);

}  // namespace lf
