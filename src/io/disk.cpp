// Folders, names and free space: the parts of atomic_file.h that are not about one file's bytes.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>

#include "base/error.h"
#include "base/strings.h"
#include "io/atomic_file.h"

namespace lf {
namespace {

/// The path, or the folder above it that exists already.
std::filesystem::path existing_part(const std::filesystem::path& path) {
  std::filesystem::path at = std::filesystem::absolute(path);
  std::error_code status;
  while (!std::filesystem::exists(at, status) && at.has_relative_path()) at = at.parent_path();
  return at;
}

}  // namespace

bool is_plain_file_name(std::string_view name) {
  if (name.empty() || name.size() > 255 || name.front() == '.') return false;
  return name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  LF_CHECK(kIo, fd >= 0, "{}: cannot be opened to sync it: {}", folder.string(), std::strerror(errno));
  int status;
  do {
    status = fsync(fd);
  } while (status != 0 && errno == EINTR);
  const int error = errno;
  close(fd);
  const bool pointless = error == EINVAL || error == ENOTSUP;  // file systems whose folders need no sync say so
  LF_CHECK(kIo, status == 0 || pointless, "{}: fsync failed: {}", folder.string(), std::strerror(error));
}

void rename_path(const std::filesystem::path& from, const std::filesystem::path& to) {
  LF_CHECK(kIo, rename(from.c_str(), to.c_str()) == 0, "{}: cannot be renamed to {}: {}", from.string(), to.string(),
           std::strerror(errno));
}

bool exchange_paths(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) return true;
  const bool unknown = errno == EINVAL || errno == ENOSYS || errno == ENOTSUP;
  LF_CHECK(kIo, unknown, "{}: cannot be exchanged with {}: {}", a.string(), b.string(), std::strerror(errno));
  return false;
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code status;
  if (std::filesystem::is_directory(folder, status)) return;
  LF_CHECK(kIo, !std::filesystem::exists(folder, status), "{}: exists but is not a folder", folder.string());
  std::filesystem::create_directories(folder, status);
  LF_CHECK(kIo, !status, "{}: cannot be created: {}", folder.string(), status.message());
}

uint64_t free_disk_bytes(const std::filesystem::path& path) {
  const std::filesystem::path at = existing_part(path);
  struct statvfs info {};
  LF_CHECK(kIo, statvfs(at.c_str(), &info) == 0, "{}: its free space cannot be found: {}", at.string(),
           std::strerror(errno));
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

void require_free_space(const std::filesystem::path& path, uint64_t bytes, std::string_view what) {
  const uint64_t free = free_disk_bytes(path);
  LF_CHECK(kIo, bytes <= free, "{}: disk full: {} are needed but only {} are free in {}", what, human_bytes(bytes),
           human_bytes(free), existing_part(path).string());
}

std::string random_token() {
  static thread_local std::random_device device;
  return fmt::format("{:08x}{:08x}", device(), device());
}

}  // namespace lf
