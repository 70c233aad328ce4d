// A file opened read-only: mapped privately where that is safe, read in pieces on network mounts.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>

namespace lf {

class MappedFile {
 public:
  /// kIo with path and reason (absent, a folder, not readable).
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  uint64_t size() const { return size_; }
  /// Start of the map, or null when the file is read instead (empty files, network mounts).
  /// Pages are private: writing to them copies them and never reaches the file.
  char* data() const { return data_; }
  /// Reads exactly `bytes` at `offset` (kIo when the file ended early).
  void read(uint64_t offset, void* out, uint64_t bytes) const;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
  char* data_ = nullptr;
};

/// Gives back the memory of pages in [data, data + bytes) that belong to the map of an open MappedFile; they are read
/// again when they are needed. Other memory is left alone. Changes made to such pages are lost: for data that nobody
/// wrote to.
void drop_mapped_pages(const void* data, uint64_t bytes);
/// Asks the system to read such pages ahead.
void prefetch_mapped_pages(const void* data, uint64_t bytes);

}  // namespace lf
