#include <arrow/buffer.h>
#include <arrow/ipc/reader.h>

#include "data/source/arrow_batches_impl.h"
#include "data/source/arrow_rows.h"
#include "data/source/arrow_status_impl.h"

namespace lf {
namespace {

arrow::ipc::IpcReadOptions options(DecodingPool& pool) {
  arrow::ipc::IpcReadOptions options;
  // Streams of old versions need not keep buffers at the alignment of their type; those are copied.
  options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
  options.memory_pool = pool.get();
  options.use_threads = false;
  return options;
}

/// With a footer: batches by number.
class FileBatches final : public BatchReader {
 public:
  FileBatches(const ArrowInput& input, std::string name, DecodingPool& pool)
      : name_(std::move(name)),
        reader_(check_arrow(arrow::ipc::RecordBatchFileReader::Open(input, options(pool)), name_)) {
    check_names(*reader_->schema(), name_);
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    if (next_ >= reader_->num_record_batches()) return nullptr;
    auto batch = check_arrow(reader_->ReadRecordBatch(static_cast<int>(next_++)), name_);
    return batch;
  }
  int64_t group() const override { return next_ - 1; }
  void seek(int64_t group) override {
    LF_CHECK(kFormat, group >= 0 && group <= reader_->num_record_batches(), "{}: there is no batch {}", name_, group);
    next_ = group;
  }

 private:
  std::string name_;
  std::shared_ptr<arrow::ipc::RecordBatchFileReader> reader_;
  int64_t next_ = 0;
};

/// Without a footer: forwards only, so going back starts again.
class StreamBatches final : public BatchReader {
 public:
  StreamBatches(ArrowInput input, std::string name, DecodingPool& pool)
      : name_(std::move(name)), input_(std::move(input)), pool_(pool) {
    restart();
  }

  std::shared_ptr<arrow::RecordBatch> next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    check_arrow(reader_->ReadNext(&batch), name_);
    if (batch) ++next_;
    return batch;
  }
  int64_t group() const override { return next_ - 1; }
  void seek(int64_t group) override {
    if (group < next_) restart();
    while (next_ < group) LF_CHECK(kFormat, next() != nullptr, "{}: there is no batch {}", name_, group);
  }

 private:
  void restart() {
    check_arrow(input_->Seek(0), name_);
    // the stream reader closes nothing, so the input can be read again
    reader_ = check_arrow(arrow::ipc::RecordBatchStreamReader::Open(input_.get(), options(pool_)), name_);
    check_names(*reader_->schema(), name_);
    next_ = 0;
  }

  std::string name_;
  ArrowInput input_;
  DecodingPool& pool_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
  int64_t next_ = 0;
};

/// Offsets and texts of IPC files come from outside, so every batch is checked in full before it is used.
class CheckedBatches final : public BatchReader {
 public:
  CheckedBatches(std::unique_ptr<BatchReader> batches, std::string name)
      : batches_(std::move(batches)), name_(std::move(name)) {}

  std::shared_ptr<arrow::RecordBatch> next() override {
    return guard_arrow(name_, [&] {
      auto batch = batches_->next();
      if (batch) check_arrow(batch->ValidateFull(), name_);
      return batch;
    });
  }
  int64_t group() const override { return batches_->group(); }
  void seek(int64_t group) override {
    guard_arrow(name_, [&] { batches_->seek(group); });
  }

 private:
  std::unique_ptr<BatchReader> batches_;
  std::string name_;
};

}  // namespace

std::unique_ptr<BatchReader> read_ipc(ArrowInput input, std::string name, DecodingPool& pool, bool check) {
  return guard_arrow(name, [&]() -> std::unique_ptr<BatchReader> {
    const auto magic = check_arrow(input->ReadAt(0, 6), name);
    std::unique_ptr<BatchReader> batches;
    if (magic->ToString() == "ARROW1")
      batches = std::make_unique<FileBatches>(input, name, pool);
    else
      batches = std::make_unique<StreamBatches>(input, name, pool);
    return check ? std::make_unique<CheckedBatches>(std::move(batches), name) : std::move(batches);
  });
}

}  // namespace lf
