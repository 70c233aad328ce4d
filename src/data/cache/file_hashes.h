// Content hashes of data files, remembered while a file's size, time of change and inode stay the same.
#pragma once
#include <filesystem>
#include <string>

namespace lf {

class FileHashes {
 public:
  /// Records are kept in `folder`; failing to keep one is no error.
  explicit FileHashes(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// XXH3-128 of the content; kIo.
  std::string hash_of(const std::filesystem::path& file);

 private:
  std::filesystem::path folder_;
};

}  // namespace lf
