#include "data/source/byte_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace lf {
namespace {

class LocalBytes final : public ByteReader {
 public:
  explicit LocalBytes(const std::string& path) : path_(path), fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    LF_CHECK(kIo, fd_ >= 0, "{}: cannot be opened: {}", path_, std::strerror(errno));
    struct stat info {};
    if (fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) {
      close(fd_);
      throw_error(ErrorKind::kIo, "{}: is not a regular file", path_);
    }
    size_ = static_cast<uint64_t>(info.st_size);
    posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  ~LocalBytes() override { close(fd_); }
  LocalBytes(const LocalBytes&) = delete;
  LocalBytes& operator=(const LocalBytes&) = delete;

  size_t read(char* out, size_t bytes) override {
    ssize_t got = 0;
    do {
      got = pread(fd_, out, bytes, static_cast<off_t>(at_));
    } while (got < 0 && errno == EINTR);
    LF_CHECK(kIo, got >= 0, "{}: cannot be read at byte {}: {}", path_, at_, std::strerror(errno));
    at_ += static_cast<uint64_t>(got);
    return static_cast<size_t>(got);
  }
  void seek(uint64_t offset) override {
    LF_CHECK(kFormat, offset <= size_, "{}: byte {} lies behind the end (was the file changed?)", path_, offset);
    at_ = offset;
  }
  uint64_t input_size() const override { return size_; }

 private:
  std::string path_;
  int fd_;
  uint64_t size_ = 0;
  uint64_t at_ = 0;
};

class MemoryBytes final : public ByteReader {
 public:
  explicit MemoryBytes(std::string_view text) : text_(text) {}

  size_t read(char* out, size_t bytes) override {
    const size_t got = text_.substr(at_).copy(out, bytes);
    at_ += got;
    return got;
  }
  void seek(uint64_t offset) override {
    LF_CHECK(kFormat, offset <= text_.size(), "byte {} lies behind the end", offset);
    at_ = offset;
  }
  uint64_t input_size() const override { return text_.size(); }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

uint64_t inflation_budget(uint64_t compressed_bytes) {
  const uint64_t scaled = std::min(compressed_bytes, kMostInflated) * kMostInflation;
  return std::min(std::max(scaled, kLeastBudget), kMostInflated);
}

std::unique_ptr<ByteReader> open_local_bytes(const std::string& path) { return std::make_unique<LocalBytes>(path); }
std::unique_ptr<ByteReader> memory_bytes(std::string_view text) { return std::make_unique<MemoryBytes>(text); }

}  // namespace lf
