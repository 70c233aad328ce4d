// What a download shows on stderr: one line that is redrawn on a terminal, a line for each file elsewhere.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>

namespace lf {

class DownloadProgress {
 public:
  /// `total` = 0 when the sizes are not known.
  DownloadProgress(std::string title, size_t files, uint64_t total);
  ~DownloadProgress();

  /// Bytes of the result that are there: from an earlier run, or just received; negative when they are thrown away.
  void add(int64_t bytes, bool received);
  void file_done(const std::string& name, uint64_t bytes);

 private:
  void draw(bool now);

  std::mutex mutex_;
  const std::string title_;
  const size_t files_;
  const uint64_t total_;
  const bool terminal_;
  size_t done_ = 0;
  int64_t bytes_ = 0, received_ = 0;
  double started_, drawn_ = 0;
  bool shown_ = false;
};

}  // namespace lf
