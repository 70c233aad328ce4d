// flock(2) on a file beside the data, as Python's filelock takes it: both clients wait for one another.
#pragma once
#include <filesystem>

namespace lf {

class FileLock {
 public:
  /// Creates the file and its folders when absent, then waits. kIo when the file cannot be made.
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// False where the file system has no locks: others may then be at work on the same file.
  bool held() const { return held_; }

 private:
  bool take(const std::filesystem::path& path);

  int fd_ = -1;
  bool held_ = false;
};

}  // namespace lf
