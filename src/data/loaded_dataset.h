// One dataset on disk and the rows of it that are taken, and several of them in the order in which they are encoded.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/columns.h"
#include "data/numpy_random.h"
#include "data/source/source.h"
#include "data/streaming/row_flow.h"

namespace lf {

class LoadedDataset {
 public:
  /// Takes `num_samples` at random or the first `max_samples`. kData: no rows, or a required column is in none.
  LoadedDataset(DatasetAttr attr, std::optional<int64_t> max_samples, NumpyLegacyGenerator& random);

  const std::string& name() const { return attr_.name; }
  const DatasetAttr& attr() const { return attr_; }
  int64_t size() const { return static_cast<int64_t>(rows_.size()); }
  /// Row of the files behind row `row`.
  int64_t file_row(int64_t row) const { return rows_[row]; }
  RowPlace place(int64_t row) const { return table_->place(rows_[row]); }
  /// Thread-safe. kData when the row cannot be read or converted.
  Conversation conversation(int64_t row) const;

 private:
  void draw_samples(int64_t wanted, NumpyLegacyGenerator& random);
  void check_columns() const;

  DatasetAttr attr_;
  const FormatEntry& format_;
  std::unique_ptr<RowTable> table_;
  std::vector<int64_t> rows_;
};

struct MergedRows {
  std::vector<std::shared_ptr<LoadedDataset>> datasets;
  std::vector<std::pair<uint32_t, int64_t>> rows;  // dataset, row

  MergedRows picked(const std::vector<int64_t>& which) const;
  int64_t size() const { return static_cast<int64_t>(rows.size()); }
  std::vector<std::string> names() const;
};

}  // namespace lf
