#include "data/source/arrow_rows.h"

#include <arrow/io/file.h>

#include <algorithm>
#include <deque>
#include <mutex>

#include "data/source/arrow_batches_impl.h"
#include "data/source/arrow_cell_impl.h"
#include "data/source/arrow_status_impl.h"
#include "data/source/remote_input_impl.h"

namespace lf {
namespace {

constexpr int64_t kMostKept = int64_t{256} << 20;  // decompressed batches of a mapped file

class ArrowStream final : public RowStream {
 public:
  explicit ArrowStream(const DataFile& file) : name_(file.name), pool_(kMostDecoded) {
    auto input = open_arrow_input(file);
    batches_ = file.type == FileType::kParquet ? read_parquet(std::move(input), name_, pool_)
                                               : read_ipc(std::move(input), name_, pool_);
  }

  bool next(Json& row, RowPlace& place) override {
    while (!batch_ || at_ >= batch_->num_rows()) {
      if (!next_batch()) return false;
    }
    place = {name_, ++number_, 0};
    ++row_in_group_;
    row = arrow_row(*batch_, at_++, place);
    return true;
  }

  Json position() const override { return {{"group", group_}, {"row", row_in_group_}, {"number", number_}}; }
  void seek(const Json& position) override {
    for (const char* key : {"group", "row", "number"}) {
      LF_CHECK(kData, position.is_object() && position.contains(key) && position[key].is_number_integer(),
               "{}: a stored position has no '{}'; it belongs to another source", name_, key);
    }
    batch_.reset();
    batches_->seek(position["group"].get<int64_t>());
    group_ = position["group"].get<int64_t>();
    row_in_group_ = 0;
    const auto rows = position["row"].get<int64_t>();
    while (row_in_group_ < rows) {
      LF_CHECK(kData, next_batch() && group_ == position["group"].get<int64_t>(),
               "{}: a stored position lies behind the end (was the file changed?)", name_);
      at_ = std::min(rows - row_in_group_, batch_->num_rows());
      row_in_group_ += at_;
    }
    number_ = position["number"].get<uint64_t>();
  }

 private:
  bool next_batch() {
    batch_.reset();  // its memory counts
    auto batch = batches_->next();
    if (!batch) return false;
    if (batches_->group() != group_) {
      group_ = batches_->group();
      row_in_group_ = 0;
    }
    batch_ = std::move(batch);
    at_ = 0;
    return true;
  }

  std::string name_;
  DecodingPool pool_;
  std::unique_ptr<BatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t at_ = 0;  // next row in batch_
  int64_t group_ = 0;
  int64_t row_in_group_ = 0;
  uint64_t number_ = 0;
};

class MappedTable final : public RowTable {
 public:
  explicit MappedTable(const DataFile& file) : name_(file.name), pool_(kMostKept) {
    input_ = check_arrow(arrow::io::MemoryMappedFile::Open(file.address, arrow::io::FileMode::READ), name_);
    auto batches = read_ipc(input_, name_, pool_, /*check=*/false);
    guard_arrow(name_, [&] {
      while (auto batch = batches->next()) {
        first_.push_back(first_.back() + static_cast<size_t>(batch->num_rows()));
        batches_.push_back(std::move(batch));
      }
    });
    checked_ = std::deque<std::once_flag>(batches_.size());
  }

  size_t size() const override { return first_.back(); }
  RowPlace place(size_t row) const override { return {name_, row + 1, 0}; }
  Json row(size_t row) const override {
    const auto batch = static_cast<size_t>(std::upper_bound(first_.begin(), first_.end(), row) - first_.begin()) - 1;
    guard_arrow(name_,
                [&] { std::call_once(checked_[batch], [&] { check_arrow(batches_[batch]->ValidateFull(), name_); }); });
    return arrow_row(*batches_[batch], static_cast<int64_t>(row - first_[batch]), place(row));
  }

 private:
  std::string name_;
  DecodingPool pool_;
  ArrowInput input_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  std::vector<size_t> first_{0};
  mutable std::deque<std::once_flag> checked_;
};

}  // namespace

ArrowInput open_arrow_input(const DataFile& file) {
  if (file.remote) return open_remote_input(file.address);
  return check_arrow(arrow::io::ReadableFile::Open(file.address), file.name);
}

std::unique_ptr<RowStream> stream_arrow(const DataFile& file) { return std::make_unique<ArrowStream>(file); }

std::unique_ptr<RowTable> map_arrow(const DataFile& file) {
  try {
    return std::make_unique<MappedTable>(file);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kResource) throw;
    return nullptr;
  }
}

uint64_t arrow_file_size(const DataFile& file) {
  return static_cast<uint64_t>(check_arrow(open_arrow_input(file)->GetSize(), file.name));
}

}  // namespace lf
