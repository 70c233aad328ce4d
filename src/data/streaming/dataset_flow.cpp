#include "data/streaming/dataset_flow.h"

#include "base/error.h"
#include "base/registry.h"
#include "base/strings.h"
#include "data/columns.h"

namespace lf {
namespace {

/// A required column that is in none of so many rows at the start is a mistake in dataset_info.json.
constexpr int64_t kLookAt = 1000;

}  // namespace

DatasetFlow::DatasetFlow(uint32_t number, const DatasetAttr& attr, std::unique_ptr<SourceRows> rows, BadRows& bad_rows)
    : number_(number),
      attr_(attr),
      format_(require_entry(all_formats(), attr_.formatting, "dataset format")),
      rows_(std::move(rows)),
      bad_rows_(bad_rows) {
  for (const std::string& column : format_.required_columns(attr_)) missing_.insert(column);
}

void DatasetFlow::look_for_columns(const Json& row, const RowPlace& place) {
  if (missing_.empty()) return;
  std::erase_if(missing_, [&](const std::string& column) { return row.contains(column); });
  if (++looked_at_ >= kLookAt && !missing_.empty()) throw_missing_column(attr_, *missing_.begin(), row, place);
}

/// One row; false at the end. Bad rows are passed over when the policy says so.
bool DatasetFlow::read(FlowRow& row) {
  for (;;) {
    try {
      Json columns;
      row.dataset = number_;
      row.row = rows_->row();
      if (!rows_->next(columns, row.place)) return false;
      look_for_columns(columns, row.place);
      row.conversation = convert_row(format_, attr_, columns, row.place);
      return true;
    } catch (const Error& error) {
      bad_rows_.add(error);
      bad_rows_.check(rows_->row() - rows_->first());
    }
  }
}

bool DatasetFlow::next(FlowRow& row) {
  if (!ahead_) return read(row);
  row = std::move(*ahead_);
  ahead_.reset();
  return true;
}

bool DatasetFlow::at_end() {
  if (ahead_) return false;
  FlowRow row;
  if (!read(row)) return true;
  ahead_ = std::move(row);
  return false;
}

void DatasetFlow::rewind() {
  ahead_.reset();
  rows_->seek(rows_->first());
}

void DatasetFlow::restore(const Json& state) {
  ahead_.reset();
  rows_->seek(state.at("row").get<int64_t>());
}

std::vector<FlowRow> DatasetFlow::fetch(std::span<const int64_t> rows) {
  ahead_.reset();
  std::vector<FlowRow> out(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && rows[i] == rows[i - 1]) {
      out[i] = out[i - 1];
      continue;
    }
    rows_->seek(rows[i]);
    LF_CHECK(kData, read(out[i]) && out[i].row == rows[i],
             "dataset {}: row {} could be read when the checkpoint was written and cannot be now", name(), rows[i] + 1);
  }
  return out;
}

}  // namespace lf
