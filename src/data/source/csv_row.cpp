#include "data/source/csv_row.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/utf8.h"

namespace lf {
namespace {

bool is_missing(std::string_view field) {
  static const std::unordered_set<std::string_view> kWords = {
      "",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
      "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null"};
  return kWords.contains(field);
}

bool is_truth(std::string_view field) { return field == "True" || field == "TRUE" || field == "true"; }
bool is_falsity(std::string_view field) { return field == "False" || field == "FALSE" || field == "false"; }

std::string_view without_blanks(std::string_view field) {
  while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1);
  while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  return field;
}

template <class Number>
bool parse_number(std::string_view field, Number& out) {
  field = without_blanks(field);
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), out);
  return status == std::errc{} && end == field.data() + field.size();
}

Json whole_number(std::string_view field) {
  int64_t value = 0;
  if (parse_number(field, value)) return value;
  uint64_t large = 0;
  return parse_number(field, large) ? Json(large) : Json();
}

}  // namespace

std::vector<std::string> csv_fields(std::string_view record) {
  std::vector<std::string> fields(1);
  bool start = true, quoted = false;
  for (size_t i = 0; i < record.size(); ++i) {
    const char c = record[i];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (i + 1 < record.size() && record[i + 1] == '"') {
        fields.back() += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (start && c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
      start = true;
      continue;
    } else {
      fields.back() += c;
    }
    start = false;
  }
  return fields;
}

CsvShape::CsvShape(std::string_view header, const std::string& file) {
  LF_CHECK(kFormat, find_invalid_utf8(header) == std::string_view::npos, "{}: the header is not valid UTF-8", file);
  std::unordered_set<std::string> taken;
  for (std::string& field : csv_fields(header)) {
    std::string name = field.empty() ? fmt::format("Unnamed: {}", columns_.size()) : field;
    for (size_t copy = 1; !taken.insert(name).second; ++copy) name = fmt::format("{}.{}", field, copy);
    columns_.push_back({std::move(name)});
  }
}

void CsvShape::learn(std::string_view record) {
  const std::vector<std::string> fields = csv_fields(record);
  for (size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (i >= fields.size() || is_missing(fields[i])) {
      column.gaps = true;
      continue;
    }
    column.filled = true;
    double value = 0;
    if (column.whole && whole_number(fields[i]).is_null()) column.whole = false;
    if (column.number && !parse_number(fields[i], value)) column.number = false;
    if (column.truth && !is_truth(fields[i]) && !is_falsity(fields[i])) column.truth = false;
  }
}

Json CsvShape::value(const Column& column, const std::string& field, const RowPlace& place) const {
  if (is_missing(field)) return nullptr;
  if (!column.filled || !(column.whole || column.number || column.truth)) return field;
  if (column.truth && (is_truth(field) || is_falsity(field))) return is_truth(field);
  double number = 0;
  if (column.whole && !column.gaps) {
    Json whole = whole_number(field);
    if (!whole.is_null()) return whole;
  } else if (column.number && parse_number(field, number)) {
    return number;
  }
  throw_error(ErrorKind::kData, "{}, byte {}: column '{}' holds {} in the first rows but here it is '{}'",
              describe(place), place.offset, printable(column.name, 60),
              column.truth                   ? "true or false"
              : column.whole && !column.gaps ? "whole numbers"
                                             : "numbers",
              printable(field, 60));
}

Json CsvShape::row(std::string_view record, const RowPlace& place) const {
  const size_t bad = find_invalid_utf8(record);
  LF_CHECK(kData, bad == std::string_view::npos, "{}, byte {}: not valid UTF-8", describe(place), place.offset + bad);
  const std::vector<std::string> fields = csv_fields(record);
  LF_CHECK(kData, fields.size() <= columns_.size(),
           "{}, byte {}: {} fields, but the header has {}; a comma inside a text needs quotes around the text",
           describe(place), place.offset, fields.size(), columns_.size());
  Json row = Json::object();
  auto& members = row.get_ref<Json::object_t&>();
  for (size_t i = 0; i < columns_.size(); ++i)
    members.emplace_back(columns_[i].name, i < fields.size() ? value(columns_[i], fields[i], place) : Json());
  return row;
}

}  // namespace lf
