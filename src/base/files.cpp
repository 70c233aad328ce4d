#include "base/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"

namespace lf {

std::string read_file(const std::filesystem::path& path, uint64_t max_bytes) {
  std::error_code status;
  LF_CHECK(kIo, !std::filesystem::is_directory(path, status), "{}: is a folder, a file was needed", path.string());
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  LF_CHECK(kIo, in.good(), "{}: cannot be opened: {}", path.string(), std::strerror(errno));
  const auto size = static_cast<uint64_t>(in.tellg());
  LF_CHECK(kFormat, size <= max_bytes, "{}: {} bytes, at most {} are read", path.string(), size, max_bytes);
  std::string text(size, '\0');
  in.seekg(0);
  in.read(text.data(), static_cast<std::streamsize>(size));
  LF_CHECK(kIo, in.good() || size == 0, "{}: cannot be read: {}", path.string(), std::strerror(errno));
  return text;
}

}  // namespace lf
