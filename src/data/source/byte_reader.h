// Bytes of a data file from its start, decompressed on the way, with a budget against bombs.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lf {

/// What decompression may put out: 200 times the input, at least 1 MB, at most 50 GB.
inline constexpr uint64_t kMostInflation = 200;
inline constexpr uint64_t kLeastBudget = uint64_t{1} << 20;
inline constexpr uint64_t kMostInflated = uint64_t{50} * 1000 * 1000 * 1000;
uint64_t inflation_budget(uint64_t compressed_bytes);

class ByteReader {
 public:
  virtual ~ByteReader() = default;
  /// Fills up to `bytes`; 0 only at the end. kIo, or kFormat when compressed data is damaged or above its budget.
  virtual size_t read(char* out, size_t bytes) = 0;
  /// Goes to an offset of the (decompressed) text; kFormat when it lies behind the end.
  virtual void seek(uint64_t offset) = 0;
  /// Bytes of the (compressed) input.
  virtual uint64_t input_size() const = 0;
};

/// A local file.
std::unique_ptr<ByteReader> open_local_bytes(const std::string& path);
/// Text in memory, which must outlive the reader.
std::unique_ptr<ByteReader> memory_bytes(std::string_view text);
/// gzip (several members too) and Zstandard (several frames too); `name` stands in messages.
std::unique_ptr<ByteReader> gunzip_bytes(std::unique_ptr<ByteReader> input, std::string name);
std::unique_ptr<ByteReader> unzstd_bytes(std::unique_ptr<ByteReader> input, std::string name);

}  // namespace lf
