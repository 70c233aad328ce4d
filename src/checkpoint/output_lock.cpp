#include "checkpoint/output_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "io/atomic_file.h"

namespace lf {
namespace {

std::string holder_text(int fd) {
  char buffer[256] = {};
  const ssize_t size = pread(fd, buffer, sizeof buffer - 1, 0);
  return size > 0 ? printable(trim(std::string_view(buffer, static_cast<size_t>(size)))) : "another process";
}

std::string own_text() {
  char host[256] = "?";
  gethostname(host, sizeof host - 1);
  char started[32] = "";
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::strftime(started, sizeof started, "%Y-%m-%d %H:%M:%S", &local);
  return fmt::format("process {} on {}, since {}\n", getpid(), host, started);
}

/// The holder unlinks the file before it lets go: a lock taken on a removed file is worth nothing.
bool still_named(int fd, const std::filesystem::path& path) {
  struct stat held {
  }, named{};
  return fstat(fd, &held) == 0 && stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

}  // namespace

OutputLock::OutputLock(const std::filesystem::path& output_dir) : path_(output_dir / ".lf-lock") {
  create_folder(output_dir);
  for (;;) {
    fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    LF_CHECK(kIo, fd_ >= 0, "{}: cannot be created: {}", path_.string(), std::strerror(errno));
    if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string holder = holder_text(fd_);
      close(fd_);
      LF_CHECK(kIo, error != EWOULDBLOCK,
               "{}: another run writes to this folder ({}); give each run its own output_dir", output_dir.string(),
               holder);
      log_warn("checkpoint", "{}: this file system has no locks ({}): make sure that only one run writes there",
               output_dir.string(), std::strerror(error));
      fd_ = -1;
      return;
    }
    if (still_named(fd_, path_)) break;
    close(fd_);
  }
  const std::string text = own_text();
  if (ftruncate(fd_, 0) != 0 || pwrite(fd_, text.data(), text.size(), 0) < 0) {
    log_debug("checkpoint", "{}: cannot be written: {}", path_.string(), std::strerror(errno));
  }
}

OutputLock::~OutputLock() {
  if (fd_ < 0) return;
  unlink(path_.c_str());
  close(fd_);
}

}  // namespace lf
