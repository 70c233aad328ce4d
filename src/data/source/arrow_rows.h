// Rows of Parquet and Arrow files (IPC files and streams, so also the cache files of datasets), local or remote.
#pragma once
#include <memory>

#include "data/source/data_file.h"
#include "data/source/source.h"

namespace lf {

/// What decoding may hold at one time. A batch of rows above it is refused (kFormat): such a file is a bomb.
inline constexpr int64_t kMostDecoded = int64_t{1} << 30;

std::unique_ptr<RowStream> stream_arrow(const DataFile& file);
/// A local Arrow file mapped into memory, without copies. Null when its batches are compressed and too large to keep.
std::unique_ptr<RowTable> map_arrow(const DataFile& file);
uint64_t arrow_file_size(const DataFile& file);

}  // namespace lf
