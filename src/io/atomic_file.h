// Files that are either complete or absent: written under a temporary name beside the target, synced, then renamed.
// Sizes and XXH3-128 hashes are taken while writing.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace lf {

struct FileRecord {
  std::string name;  // file name (relative to the folder it was written to)
  uint64_t size = 0;
  std::string xxh3;  // 32 lower-case hex digits
};

enum class WriteMode {
  kReplace,  // temporary name -> fsync -> rename -> fsync of the folder
  kFresh,    // created directly under its name (must not exist), fsync'ed: for folders that are themselves published by
             // rename
};

class DurableFile {
 public:
  /// Opens for writing; kIo with path and reason.
  explicit DurableFile(std::filesystem::path path, WriteMode mode = WriteMode::kReplace);
  /// Removes the file when it was not committed.
  ~DurableFile();
  DurableFile(const DurableFile&) = delete;
  DurableFile& operator=(const DurableFile&) = delete;

  /// Refuses (kIo) when fewer than `bytes` are free. Also used in later messages about a full disk.
  void expect(uint64_t bytes);
  void write(const void* data, size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Makes the file durable under its final name. To be called once.
  FileRecord commit();

  const std::filesystem::path& path() const { return path_; }
  uint64_t bytes_written() const { return written_; }

 private:
  struct Hash;
  [[noreturn]] void fail(std::string_view action, int error, uint64_t needed);
  void discard();

  std::filesystem::path path_;       // final name
  std::filesystem::path temp_path_;  // where the bytes go meanwhile
  WriteMode mode_;
  int fd_ = -1;
  uint64_t written_ = 0;
  uint64_t expected_ = 0;
  bool committed_ = false;
  std::unique_ptr<Hash> hash_;
};

FileRecord write_file_durably(const std::filesystem::path& path, std::string_view text,
                              WriteMode mode = WriteMode::kReplace);
/// Copies bytes (not permissions) of a file; kIo names the side that failed.
FileRecord copy_file_durably(const std::filesystem::path& from, const std::filesystem::path& to,
                             WriteMode mode = WriteMode::kReplace);
/// Size and hash of an existing file, read in pieces; kIo.
FileRecord record_of_file(const std::filesystem::path& path);

/// True for names such as "model.safetensors": no separators, no leading dot, no NUL, at most 255 bytes. Names found in
/// files of strangers pass this before they are joined to a folder.
bool is_plain_file_name(std::string_view name);
/// fsync of a folder, so that names created in it survive power loss; kIo.
void sync_folder(const std::filesystem::path& folder);
/// rename(2) with an error that names both paths.
void rename_path(const std::filesystem::path& from, const std::filesystem::path& to);
/// Swaps two existing paths at once where the file system can (true); false when it cannot.
bool exchange_paths(const std::filesystem::path& a, const std::filesystem::path& b);
/// Creates the folder and its parents; kIo with the reason ("exists but is a file", permission, read-only, ...).
void create_folder(const std::filesystem::path& folder);
/// Bytes that this user may still write where `path` (or its nearest existing parent) lies; kIo.
uint64_t free_disk_bytes(const std::filesystem::path& path);
/// kIo "<what> needs 1.2 GB in <path> but only 0.3 GB are free".
void require_free_space(const std::filesystem::path& path, uint64_t bytes, std::string_view what);
/// 16 random hex digits, for temporary names.
std::string random_token();
/// Removes temporaries of DurableFile that a killed run left in `folder`. Returns how many.
int remove_stale_temporaries(const std::filesystem::path& folder);

}  // namespace lf
