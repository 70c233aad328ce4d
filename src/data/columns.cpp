#include "data/columns.h"

#include "base/error.h"
#include "base/strings.h"

namespace lf {

Conversation convert_row(const FormatEntry& format, const DatasetAttr& attr, const Json& row, const RowPlace& place) {
  try {
    return format.convert(row, attr);
  } catch (const Error& error) {
    throw_error(error.kind(), "{} (dataset {}): {}", describe(place), attr.name, error.what());
  }
}

void throw_missing_column(const DatasetAttr& attr, const std::string& column, const Json& row, const RowPlace& place) {
  std::vector<std::string> present;
  for (const auto& [name, value] : row.items()) present.push_back(printable(name, 60));
  throw_error(
      ErrorKind::kData,
      "{} (dataset {}): column '{}' is in no row{}; the columns are {}. Name the right ones under \"columns\" in "
      "dataset_info.json",
      describe(place), attr.name, printable(column), did_you_mean(column, present), join(present, ", "));
}

}  // namespace lf
