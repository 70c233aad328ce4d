#include "io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "base/error.h"

namespace lf {
namespace {

/// On these a server or another machine may shrink the file under the map, which would end the process (SIGBUS).
bool on_network_mount(int fd) {
  constexpr std::array<uint32_t, 7> kMagics = {0x6969,     0x517B,     0xFF534D42, 0xFE534D42,
                                               0x65735546, 0x00C36400, 0x01021997};
  struct statfs info {};
  if (fstatfs(fd, &info) != 0) return false;
  const auto type = static_cast<uint32_t>(info.f_type);
  for (const uint32_t magic : kMagics) {
    if (type == magic) return true;
  }
  return false;
}

/// Where the maps of open files lie: start -> end.
std::mutex& maps_lock() {
  static std::mutex lock;
  return lock;
}
std::map<uintptr_t, uintptr_t>& maps() {
  static std::map<uintptr_t, uintptr_t> all;
  return all;
}

void advise(const void* data, uint64_t bytes, int advice) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::lock_guard<std::mutex> guard(maps_lock());
  const auto address = reinterpret_cast<uintptr_t>(data);
  auto after = maps().upper_bound(address);
  if (after == maps().begin()) return;
  const auto [start, end] = *std::prev(after);
  if (address >= end) return;
  const uintptr_t from = std::max(start, address / page * page);
  const uintptr_t to = std::min<uintptr_t>(end, address + bytes);
  if (from < to) madvise(reinterpret_cast<void*>(from), to - from, advice);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  LF_CHECK(kIo, fd_ >= 0, "{}: cannot be opened: {}", path.string(), std::strerror(errno));
  struct stat info {};
  const bool known = fstat(fd_, &info) == 0;
  if (!known || !S_ISREG(info.st_mode)) {
    close(fd_);
    throw_error(ErrorKind::kIo, "{}: is not a regular file", path.string());
  }
  size_ = static_cast<uint64_t>(info.st_size);
  if (size_ == 0 || on_network_mount(fd_)) return;
  void* map = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd_, 0);
  if (map == MAP_FAILED) return;
  data_ = static_cast<char*>(map);
  const std::lock_guard<std::mutex> guard(maps_lock());
  maps().emplace(reinterpret_cast<uintptr_t>(data_), reinterpret_cast<uintptr_t>(data_) + size_);
}

MappedFile::~MappedFile() {
  if (data_) {
    const std::lock_guard<std::mutex> guard(maps_lock());
    maps().erase(reinterpret_cast<uintptr_t>(data_));
    munmap(data_, size_);
  }
  if (fd_ >= 0) close(fd_);
}

void MappedFile::read(uint64_t offset, void* out, uint64_t bytes) const {
  auto* to = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t got = pread(fd_, to, std::min<uint64_t>(bytes, uint64_t{1} << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    LF_CHECK(kIo, got >= 0, "{}: cannot be read at byte {}: {}", path_.string(), offset, std::strerror(errno));
    LF_CHECK(kIo, got > 0, "{}: ended at byte {} while {} more were needed (was it changed meanwhile?)", path_.string(),
             offset, bytes);
    to += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
}

void drop_mapped_pages(const void* data, uint64_t bytes) { advise(data, bytes, MADV_DONTNEED); }
void prefetch_mapped_pages(const void* data, uint64_t bytes) { advise(data, bytes, MADV_WILLNEED); }

}  // namespace lf
