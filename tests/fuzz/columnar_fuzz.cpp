// rooms: base
// sources: src/data/source/parquet_batches.cpp src/data/source/ipc_batches.cpp src/data/source/arrow_cell.cpp
// sources: src/data/source/arrow_status.cpp src/data/source/json_row.cpp src/data/source/utf8.cpp
// libs: lf_arrow
//
// Any bytes as a Parquet file or an Arrow file: rows come out as JSON, or the file is refused with an lf::Error.
// (libarrow itself is not instrumented; what is watched is how we use it.)
#include <arrow/buffer.h>
#include <arrow/io/memory.h>

#include <cstdlib>

#include "base/error.h"
#include "data/source/arrow_batches_impl.h"
#include "data/source/arrow_cell_impl.h"

namespace lf {
namespace {

constexpr int64_t kMemory = 64 << 20;
constexpr int64_t kRows = 2000;

void read_rows(BatchReader& batches) {
  int64_t rows = 0;
  while (const auto batch = batches.next()) {
    for (int64_t i = 0; i < batch->num_rows() && rows < kRows; ++i, ++rows) {
      try {
        arrow_row(*batch, i, {"fuzz", static_cast<uint64_t>(rows + 1), 0}).dump();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::kData) std::abort();
      }
    }
    if (rows >= kRows) return;
  }
}

}  // namespace
}  // namespace lf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const bool parquet : {true, false}) {
    try {
      lf::DecodingPool pool(lf::kMemory);
      auto input = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(data, size));
      const auto batches = parquet ? lf::read_parquet(input, "fuzz", pool) : lf::read_ipc(input, "fuzz", pool);
      lf::read_rows(*batches);
    } catch (const lf::Error&) {
    }
  }
  return 0;
}
