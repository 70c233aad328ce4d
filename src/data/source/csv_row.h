// Fields of CSV records and the types of their columns, as datasets (through pandas) gives them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "data/source/row_place.h"

namespace lf {

/// The fields of one record, quotes resolved.
std::vector<std::string> csv_fields(std::string_view record);

/// Columns and their types: whole number, number, truth value or text, the narrowest that fits all records it was
/// shown. Fields that pandas takes as missing ("", "NA", "null", "None", "nan", ...; quoted or not) are null; a column
/// of whole numbers with gaps is one of floating numbers, as in pandas.
class CsvShape {
 public:
  static constexpr size_t kSampleRows = 10000;  // as datasets: the first chunk decides the types

  CsvShape() = default;
  /// From the header record (kFormat when it is not UTF-8; `file` is named). Names that stand twice get .1, .2; empty
  /// ones "Unnamed: 3".
  CsvShape(std::string_view header, const std::string& file);
  /// Narrows the types by one record; too many or badly encoded fields are passed over here and refused by `row`.
  void learn(std::string_view record);
  /// kData when the record has more fields than the header, is not UTF-8, or a field does not fit its column's type.
  Json row(std::string_view record, const RowPlace& place) const;

 private:
  struct Column {
    std::string name;
    bool whole = true, number = true, truth = true;  // still possible
    bool gaps = false, filled = false;
  };
  Json value(const Column& column, const std::string& field, const RowPlace& place) const;

  std::vector<Column> columns_;
};

}  // namespace lf
