#include "io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr std::string_view kTempPrefix = ".lf-tmp-";
constexpr size_t kCopyChunk = size_t{1} << 20;

std::string hex_digest(const XXH3_state_t& state) {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

/// Follows a link at `path`, so that rename replaces what it points to and not the link.
std::filesystem::path resolve_link(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::is_symlink(path, status)) return path;
  const auto real = std::filesystem::weakly_canonical(path, status);
  return status ? path : real;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

/// Opens `path` for reading and hands pieces to `use(data, size)`.
template <class Use>
void read_in_pieces(const std::filesystem::path& path, Use use) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  LF_CHECK(kIo, fd >= 0, "{}: cannot be opened: {}", path.string(), std::strerror(errno));
  std::unique_ptr<const int, void (*)(const int*)> closer(&fd, [](const int* held) { close(*held); });
  std::string buffer(kCopyChunk, '\0');
  for (;;) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    LF_CHECK(kIo, got >= 0, "{}: cannot be read: {}", path.string(), std::strerror(errno));
    if (got == 0) return;
    use(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

struct DurableFile::Hash {
  XXH3_state_t* state = XXH3_createState();
  Hash() { XXH3_128bits_reset(state); }
  ~Hash() { XXH3_freeState(state); }
};

DurableFile::DurableFile(std::filesystem::path path, WriteMode mode)
    : path_(mode == WriteMode::kReplace ? resolve_link(path) : std::move(path)),
      mode_(mode),
      hash_(std::make_unique<Hash>()) {
  const std::string temp_name = std::string(kTempPrefix) + random_token();
  temp_path_ = mode_ == WriteMode::kFresh ? path_ : folder_of(path_) / temp_name;
  do {
    fd_ = open(temp_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EINTR);
  if (fd_ < 0) {
    const int error = errno;
    committed_ = true;  // nothing of ours to remove
    throw_error(ErrorKind::kIo, "{}: cannot be created: {}", path_.string(), std::strerror(error));
  }
}

DurableFile::~DurableFile() { discard(); }

void DurableFile::discard() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  if (!committed_) unlink(temp_path_.c_str());
  committed_ = true;
}

void DurableFile::fail(std::string_view action, int error, uint64_t needed) {
  std::string space;
  if (error == ENOSPC || error == EDQUOT) {
    space = fmt::format(" ({} more were needed in {}", human_bytes(needed), folder_of(path_).string());
    try {
      space += fmt::format(", {} are free)", human_bytes(free_disk_bytes(folder_of(path_))));
    } catch (const Error&) {
      space += ')';
    }
  }
  discard();
  throw_error(ErrorKind::kIo, "{}: {} failed: {}{}", path_.string(), action, std::strerror(error), space);
}

void DurableFile::expect(uint64_t bytes) {
  expected_ = bytes;
  require_free_space(folder_of(path_), bytes, path_.string());
}

void DurableFile::write(const void* data, size_t bytes) {
  LF_ASSERT(fd_ >= 0);
  const auto* from = static_cast<const char*>(data);
  XXH3_128bits_update(hash_->state, from, bytes);
  while (bytes > 0) {
    const ssize_t done = ::write(fd_, from, std::min(bytes, size_t{1} << 30));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("writing", errno, std::max<uint64_t>(bytes, expected_ > written_ ? expected_ - written_ : 0));
    if (done == 0) fail("writing", ENOSPC, bytes);
    from += done;
    bytes -= static_cast<size_t>(done);
    written_ += static_cast<uint64_t>(done);
  }
}

FileRecord DurableFile::commit() {
  LF_ASSERT(fd_ >= 0);
  int status;
  do {
    status = fsync(fd_);
  } while (status != 0 && errno == EINTR);
  if (status != 0) fail("fsync", errno, 0);
  const int fd = std::exchange(fd_, -1);
  if (close(fd) != 0 && errno != EINTR) fail("closing", errno, 0);
  if (mode_ == WriteMode::kReplace) {
    if (rename(temp_path_.c_str(), path_.c_str()) != 0) fail("renaming its temporary file", errno, 0);
    committed_ = true;
    sync_folder(folder_of(path_));
  }
  committed_ = true;
  return {path_.filename().string(), written_, hex_digest(*hash_->state)};
}

FileRecord write_file_durably(const std::filesystem::path& path, std::string_view text, WriteMode mode) {
  DurableFile file(path, mode);
  file.write(text);
  return file.commit();
}

FileRecord copy_file_durably(const std::filesystem::path& from, const std::filesystem::path& to, WriteMode mode) {
  std::error_code status;
  const uint64_t size = std::filesystem::file_size(from, status);
  LF_CHECK(kIo, !status, "{}: cannot be copied: {}", from.string(), status.message());
  DurableFile file(to, mode);
  file.expect(size);
  read_in_pieces(from, [&](const char* data, size_t bytes) { file.write(data, bytes); });
  return file.commit();
}

FileRecord record_of_file(const std::filesystem::path& path) {
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), XXH3_freeState);
  XXH3_128bits_reset(state.get());
  FileRecord record{path.filename().string(), 0, ""};
  read_in_pieces(path, [&](const char* data, size_t bytes) {
    XXH3_128bits_update(state.get(), data, bytes);
    record.size += bytes;
  });
  record.xxh3 = hex_digest(*state);
  return record;
}

int remove_stale_temporaries(const std::filesystem::path& folder) {
  int removed = 0;
  std::error_code status;
  for (const auto& item : std::filesystem::directory_iterator(folder, status)) {
    if (!item.path().filename().string().starts_with(kTempPrefix)) continue;
    std::error_code failed;
    removed += std::filesystem::remove_all(item.path(), failed) > 0 && !failed ? 1 : 0;
  }
  return removed;
}

}  // namespace lf
