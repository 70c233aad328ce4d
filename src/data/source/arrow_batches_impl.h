// Record batches of one file, in order, whatever the container. Only for files that include Arrow.
#pragma once
#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>

#include <memory>
#include <string>

#include "data/source/data_file.h"

namespace lf {

/// Groups are Parquet's row groups, or single batches of Arrow files.
class BatchReader {
 public:
  virtual ~BatchReader() = default;
  /// Null at the end. The batch is checked: its columns can be read at any row.
  virtual std::shared_ptr<arrow::RecordBatch> next() = 0;
  /// Group of the batch that `next` gave last.
  virtual int64_t group() const = 0;
  /// `next` goes on with the first batch of this group. kFormat when there is no such group.
  virtual void seek(int64_t group) = 0;
};

/// Memory that decoding may take, counted apart from everything else.
class DecodingPool {
 public:
  explicit DecodingPool(int64_t limit) : counted_(arrow::default_memory_pool()), capped_(&counted_, limit) {}
  arrow::MemoryPool* get() { return &capped_; }

 private:
  arrow::ProxyMemoryPool counted_;
  arrow::CappedMemoryPool capped_;
};

/// kFormat when names of columns, or of fields of one struct, stand twice or are not UTF-8.
void check_names(const arrow::Schema& schema, const std::string& file);

using ArrowInput = std::shared_ptr<arrow::io::RandomAccessFile>;
std::unique_ptr<BatchReader> read_parquet(ArrowInput input, std::string name, DecodingPool& pool);
/// By its first bytes a file or a stream of Arrow's IPC format.
/// `check`: see BatchReader::next; without it the caller validates batches before it reads them.
std::unique_ptr<BatchReader> read_ipc(ArrowInput input, std::string name, DecodingPool& pool, bool check = true);

/// Of a local or remote file.
ArrowInput open_arrow_input(const DataFile& file);

}  // namespace lf
