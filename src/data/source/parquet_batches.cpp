#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>

#include "data/source/arrow_batches_impl.h"
#include "data/source/arrow_rows.h"
#include "data/source/arrow_status_impl.h"

namespace lf {
namespace {

constexpr int64_t kTargetBytes = int64_t{8} << 20;  // decoded, of one batch
constexpr int64_t kMostRows = 1000;
constexpr int32_t kMostMetadata = 256 << 20;

class ParquetBatches final : public BatchReader {
 public:
  ParquetBatches(ArrowInput input, std::string name, DecodingPool& pool) : name_(std::move(name)) {
    guard_arrow(name_, [&] {
      parquet::ReaderProperties properties(pool.get());
      properties.enable_buffered_stream();  // pages as they are needed, not whole column chunks
      properties.set_thrift_string_size_limit(kMostMetadata);
      parquet::arrow::FileReaderBuilder builder;
      check_arrow(builder.Open(std::move(input), properties), name_);
      parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
      arrow_properties.set_pre_buffer(false);
      check_arrow(builder.memory_pool(pool.get())->properties(arrow_properties)->Build(&reader_), name_);
      std::shared_ptr<arrow::Schema> schema;
      check_arrow(reader_->GetSchema(&schema), name_);
      check_names(*schema, name_);
    });
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    return guard_arrow(name_, [&]() -> std::shared_ptr<arrow::RecordBatch> {
      while (true) {
        if (!batches_ && !open_group()) return nullptr;
        std::shared_ptr<arrow::RecordBatch> batch;
        check_arrow(batches_->ReadNext(&batch), name_);
        if (batch) {
          check_arrow(batch->Validate(), name_);
          return batch;
        }
        batches_.reset();
        ++group_;
      }
    });
  }
  int64_t group() const override { return group_; }
  void seek(int64_t group) override {
    LF_CHECK(kFormat, group >= 0 && group <= reader_->num_row_groups(), "{}: there is no row group {}", name_, group);
    batches_.reset();
    group_ = group;
  }

 private:
  bool open_group() {
    if (group_ >= reader_->num_row_groups()) return false;
    const auto metadata = reader_->parquet_reader()->metadata()->RowGroup(static_cast<int>(group_));
    const int64_t rows = std::max<int64_t>(metadata->num_rows(), 1);
    const int64_t row_bytes = std::max<int64_t>(metadata->total_byte_size() / rows, 1);
    reader_->set_batch_size(std::clamp<int64_t>(kTargetBytes / row_bytes, 1, kMostRows));
    batches_ = check_arrow(reader_->GetRecordBatchReader({static_cast<int>(group_)}), name_);
    return true;
  }

  std::string name_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  int64_t group_ = 0;
};

}  // namespace

std::unique_ptr<BatchReader> read_parquet(ArrowInput input, std::string name, DecodingPool& pool) {
  return std::make_unique<ParquetBatches>(std::move(input), std::move(name), pool);
}

}  // namespace lf
