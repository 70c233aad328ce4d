// One run per output folder: a lock file with host, process id and start time, held by flock so that a dead run's lock
// is free.
#pragma once
#include <filesystem>

namespace lf {

class OutputLock {
 public:
  /// Creates the folder when absent. kIo naming the process that holds it when another run writes there.
  explicit OutputLock(const std::filesystem::path& output_dir);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace lf
