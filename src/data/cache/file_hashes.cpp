#include "data/cache/file_hashes.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/error.h"
#include "base/json.h"
#include "io/atomic_file.h"
#include "io/content_hash.h"

namespace lf {
namespace {

/// A file changed this recently could change again without a new time.
constexpr time_t kSettled = 2;

std::string stamp_of(const struct stat& status) {
  return fmt::format("{} {}:{} {}.{:09d} {}.{:09d}", status.st_size, status.st_dev, status.st_ino,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

}  // namespace

std::string FileHashes::hash_of(const std::filesystem::path& file) {
  struct stat status {};
  LF_CHECK(kIo, stat(file.c_str(), &status) == 0, "{}: {}", file.string(), std::strerror(errno));
  const std::string stamp = stamp_of(status);
  const auto record =
      folder_ / (content_hash_hex(std::filesystem::absolute(file).lexically_normal().string()) + ".json");
  std::error_code gone;
  if (std::filesystem::exists(record, gone)) {
    try {
      const Json known = read_json(record);
      if (known.at("stamp") == stamp) return known.at("xxh3").get<std::string>();
    } catch (const std::exception&) {  // unreadable: as if it were not there
    }
  }
  const std::string hash = record_of_file(file).xxh3;
  if (std::time(nullptr) - std::max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) < kSettled) return hash;
  try {
    create_folder(folder_);
    write_file_durably(record, python_json({{"file", file.string()}, {"stamp", stamp}, {"xxh3", hash}}));
  } catch (const Error&) {  // a full or read-only disk: the file is read again next time
  }
  return hash;
}

}  // namespace lf
