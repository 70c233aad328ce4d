#include "data/source/source.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "data/source/arrow_rows.h"
#include "data/source/data_file.h"
#include "data/source/spilled_table.h"
#include "data/source/split_slice.h"
#include "data/source/text_rows.h"

namespace lf {
namespace {

bool is_columnar(const DataFile& file) { return file.type == FileType::kParquet || file.type == FileType::kArrow; }

std::unique_ptr<RowStream> stream_file(const DataFile& file) {
  return is_columnar(file) ? stream_arrow(file) : stream_text(file);
}

std::unique_ptr<RowTable> table_file(const DataFile& file) {
  if (file.type == FileType::kArrow && !file.remote) {
    if (auto table = map_arrow(file)) return table;
  }
  if (!is_columnar(file) && !file.remote && file.compression == Compression::kNone) return index_text(file);
  const uint64_t size = is_columnar(file) ? arrow_file_size(file) : open_bytes(file)->input_size();
  return spill_rows(stream_file(file), size);
}

/// Which part holds row `row`; `first`: row number at which each part begins, last: all rows.
size_t part_of(const std::vector<size_t>& first, size_t row) {
  LF_ASSERT(row < first.back());
  return static_cast<size_t>(std::upper_bound(first.begin(), first.end(), row) - first.begin()) - 1;
}

/// Files one after another.
class ChainedStream final : public RowStream {
 public:
  explicit ChainedStream(std::vector<DataFile> files) : files_(std::move(files)) {}

  bool next(Json& row, RowPlace& place) override {
    for (; file_ < files_.size(); ++file_) {
      if (!rows_) rows_ = stream_file(files_[file_]);
      if (next_in_file(row, place)) return true;
      rows_.reset();
    }
    return false;
  }

  Json position() const override {
    return {{"file", file_}, {"name", name_of(file_)}, {"at", rows_ ? rows_->position() : Json()}};
  }

  void seek(const Json& position) override {
    const bool whole = position.is_object() && position.contains("file") && position.contains("at") &&
                       position["file"].is_number_integer() && position["file"].get<int64_t>() >= 0 &&
                       position["file"].get<uint64_t>() <= files_.size();
    LF_CHECK(kData, whole, "{}: a stored position belongs to another source", name_of(0));
    const auto file = position["file"].get<size_t>();
    LF_CHECK(kData, position.value("name", "") == name_of(file),
             "a stored position is in file '{}', but the file at this place is '{}'",
             printable(position.value("name", "")), name_of(file));
    file_ = file;
    rows_.reset();
    if (position["at"].is_null()) return;
    LF_CHECK(kData, file_ < files_.size(), "a stored position lies behind the last file");
    rows_ = stream_file(files_[file_]);
    rows_->seek(position["at"]);
  }

 private:
  /// Places name files by what lives as long as this source, also those of bad rows.
  bool next_in_file(Json& row, RowPlace& place) {
    try {
      const bool more = rows_->next(row, place);
      place.file = files_[file_].name;
      return more;
    } catch (const Error&) {
      place.file = files_[file_].name;
      throw;
    }
  }
  /// Without folders, so that a moved dataset can be resumed.
  std::string name_of(size_t file) const {
    return file < files_.size() ? files_[file].name.substr(files_[file].name.rfind('/') + 1) : "";
  }

  std::vector<DataFile> files_;
  size_t file_ = 0;
  std::unique_ptr<RowStream> rows_;
};

class ChainedTable final : public RowTable {
 public:
  explicit ChainedTable(const std::vector<DataFile>& files) {
    for (const DataFile& file : files) {
      tables_.push_back(table_file(file));
      first_.push_back(first_.back() + tables_.back()->size());
    }
  }

  size_t size() const override { return first_.back(); }
  RowPlace place(size_t row) const override {
    const size_t table = part_of(first_, row);
    return tables_[table]->place(row - first_[table]);
  }
  Json row(size_t row) const override {
    const size_t table = part_of(first_, row);
    return tables_[table]->row(row - first_[table]);
  }

 private:
  std::vector<std::unique_ptr<RowTable>> tables_;
  std::vector<size_t> first_{0};  // row number at which each table begins; last: all rows
};

/// Parts of another table.
class SlicedTable final : public RowTable {
 public:
  SlicedTable(std::unique_ptr<RowTable> table, std::vector<RowSlice> slices)
      : table_(std::move(table)), slices_(std::move(slices)) {
    for (const RowSlice& slice : slices_) first_.push_back(first_.back() + slice.size());
  }

  size_t size() const override { return first_.back(); }
  RowPlace place(size_t row) const override { return table_->place(whole_row(row)); }
  Json row(size_t row) const override { return table_->row(whole_row(row)); }

 private:
  size_t whole_row(size_t row) const {
    const size_t slice = part_of(first_, row);
    return slices_[slice].from + row - first_[slice];
  }

  std::unique_ptr<RowTable> table_;
  std::vector<RowSlice> slices_;
  std::vector<size_t> first_{0};
};

}  // namespace

std::unique_ptr<RowTable> open_table(const SourceSpec& spec) {
  const SplitSlice split = SplitSlice::parse(spec.split);
  auto table = std::make_unique<ChainedTable>(list_data_files(spec.paths));
  if (split.whole()) return table;
  std::vector<RowSlice> slices = split.of(table->size());
  return std::make_unique<SlicedTable>(std::move(table), std::move(slices));
}

std::unique_ptr<RowStream> open_stream(const SourceSpec& spec) {
  LF_CHECK(kUnsupported, SplitSlice::parse(spec.split).whole(),
           "split '{}': a part of a split cannot be streamed; use max_samples, or leave streaming out",
           printable(spec.split));
  return std::make_unique<ChainedStream>(list_data_files(spec.paths));
}

}  // namespace lf
