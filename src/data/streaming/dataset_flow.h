// The rows of one dataset as conversations. The first step of every stream.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "data/dataset_info.h"
#include "data/format.h"
#include "data/source/bad_rows.h"
#include "data/streaming/row_flow.h"
#include "data/streaming/source_rows.h"

namespace lf {

class DatasetFlow final : public RowFlow {
 public:
  /// `number`: FlowRow::dataset. `bad_rows` is told of rows that cannot be read or converted, and outlives the flow.
  DatasetFlow(uint32_t number, const DatasetAttr& attr, std::unique_ptr<SourceRows> rows, BadRows& bad_rows);

  bool next(FlowRow& row) override;
  /// Whether no row is left (looks ahead).
  bool at_end();
  /// Back to the first row.
  void rewind();
  Json state() const override { return {{"row", next_row()}}; }
  void restore(const Json& state) override;

  const std::string& name() const { return attr_.name; }
  /// Number of the row that next() returns, or the next one read.
  int64_t next_row() const { return ahead_ ? ahead_->row : rows_->row(); }
  Json marks(const std::vector<int64_t>& rows) const { return rows_->marks(rows); }
  void learn(const Json& marks) { rows_->learn(marks); }
  /// Reads these rows (ascending) again; the flow itself must be restored afterwards.
  std::vector<FlowRow> fetch(std::span<const int64_t> rows);

 private:
  bool read(FlowRow& row);
  void look_for_columns(const Json& row, const RowPlace& place);

  uint32_t number_;
  DatasetAttr attr_;
  const FormatEntry& format_;
  std::unique_ptr<SourceRows> rows_;
  BadRows& bad_rows_;
  std::optional<FlowRow> ahead_;
  std::set<std::string> missing_;  // required columns that no row had so far
  int64_t looked_at_ = 0;
};

}  // namespace lf
