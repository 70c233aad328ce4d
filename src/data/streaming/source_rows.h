// The rows of one dataset, one after another, by number: any row that was read can be found again, in another process
// too. Over a RowStream (constant memory), or over a range of a RowTable.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/json.h"
#include "data/source/source.h"

namespace lf {

class SourceRows {
 public:
  virtual ~SourceRows() = default;
  /// False at the end. Throws kData for a row that cannot be read and then stands behind it.
  virtual bool next(Json& row, RowPlace& place) = 0;
  /// Number of the row that next() reads. Bad rows count too.
  virtual int64_t row() const = 0;
  /// The first row of all, and back to a row that was read before (here, or as learned from marks).
  virtual int64_t first() const = 0;
  virtual void seek(int64_t row) = 0;
  /// What seek() needs to find these rows in another process.
  virtual Json marks(const std::vector<int64_t>& rows) const = 0;
  /// kData when they are none of this dataset.
  virtual void learn(const Json& marks) = 0;
};

/// Keeps a mark (a RowStream::position()) every 1024 rows.
class StreamRows final : public SourceRows {
 public:
  explicit StreamRows(std::unique_ptr<RowStream> stream) : stream_(std::move(stream)) {}

  bool next(Json& row, RowPlace& place) override;
  int64_t row() const override { return row_; }
  int64_t first() const override { return 0; }
  void seek(int64_t row) override;
  Json marks(const std::vector<int64_t>& rows) const override;
  void learn(const Json& marks) override;

 private:
  void skip();

  std::unique_ptr<RowStream> stream_;
  std::map<int64_t, Json> marks_;
  int64_t row_ = 0;
};

/// Rows first to last - 1 of a table.
class TableRows final : public SourceRows {
 public:
  TableRows(std::shared_ptr<const RowTable> table, int64_t first, int64_t last)
      : table_(std::move(table)), first_(first), last_(last), row_(first) {}

  bool next(Json& row, RowPlace& place) override;
  int64_t row() const override { return row_; }
  int64_t first() const override { return first_; }
  void seek(int64_t row) override;
  Json marks(const std::vector<int64_t>&) const override { return Json::array(); }
  void learn(const Json&) override {}

 private:
  std::shared_ptr<const RowTable> table_;
  int64_t first_, last_, row_;
};

}  // namespace lf
