#include "hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/log.h"

namespace lf {
namespace {

constexpr auto kPause = std::chrono::milliseconds(50);
constexpr int kPausesToNotice = 200;  // 10 seconds

/// The file may have been removed while we waited for its lock: then the lock is on a file nobody else sees.
bool is_still_there(int fd, const std::filesystem::path& path) {
  struct stat ours {
  }, named{};
  return fstat(fd, &ours) == 0 && stat(path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path) {
  std::error_code status;
  std::filesystem::create_directories(path.parent_path(), status);
  while (!take(path)) {
  }
}

FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

bool FileLock::take(const std::filesystem::path& path) {
  fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0664);
  LF_CHECK(kIo, fd_ >= 0, "{}: the lock file cannot be opened: {}", path.string(), std::strerror(errno));
  for (int pauses = 0; flock(fd_, LOCK_EX | LOCK_NB) != 0; ++pauses) {
    const bool busy = errno == EWOULDBLOCK || errno == EINTR || errno == EACCES;
    if (!busy) {
      log_warn("hub", "{}: this file system has no locks ({}); two downloads of one file may both fetch it",
               path.string(), std::strerror(errno));
      return true;
    }
    if (pauses % kPausesToNotice == kPausesToNotice - 1) {
      log_info("hub", "Waiting for another process that downloads the same file ({})", path.string());
    }
    std::this_thread::sleep_for(kPause);
  }
  held_ = is_still_there(fd_, path);
  if (held_) return true;
  close(fd_);
  fd_ = -1;
  return false;
}

}  // namespace lf
