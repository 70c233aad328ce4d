// Hashes that prove a downloaded file: SHA-256 (LFS files, ModelScope) and git's SHA-1 of a blob (small files).
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace lf {

struct FileHash {
  enum class Kind { kNone, kSha256, kGitSha1 };
  Kind kind = Kind::kNone;
  std::string hex;  // lower case
};

class Hasher {
 public:
  /// `size`: bytes that will come; part of git's hash.
  Hasher(FileHash::Kind kind, uint64_t size);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void add(std::string_view bytes);
  /// The first `bytes` bytes of a file; kIo.
  void add_file(const std::filesystem::path& path, uint64_t bytes);
  /// Lower-case hex; "" for kNone. To be called once.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string text_sha256(std::string_view text);

}  // namespace lf
