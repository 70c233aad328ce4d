#include "hub/digest.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace lf {

struct Hasher::State {
  EVP_MD_CTX* context = nullptr;
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(FileHash::Kind kind, uint64_t size) : state_(std::make_unique<State>()) {
  if (kind == FileHash::Kind::kNone) return;
  state_->context = EVP_MD_CTX_new();
  LF_ASSERT(state_->context);
  LF_ASSERT(EVP_DigestInit_ex(state_->context, kind == FileHash::Kind::kSha256 ? EVP_sha256() : EVP_sha1(), nullptr));
  if (kind != FileHash::Kind::kGitSha1) return;
  const std::string header = "blob " + std::to_string(size);
  add(std::string_view(header.c_str(), header.size() + 1));
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::add(std::string_view bytes) {
  if (state_->context) LF_ASSERT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

void Hasher::add_file(const std::filesystem::path& path, uint64_t bytes) {
  if (!state_->context || bytes == 0) return;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  LF_CHECK(kIo, fd >= 0, "{}: cannot be read: {}", path.string(), std::strerror(errno));
  std::vector<char> buffer(size_t{1} << 20);
  ssize_t got = 1;
  while (bytes > 0 && got > 0) {
    got = read(fd, buffer.data(), static_cast<size_t>(std::min<uint64_t>(buffer.size(), bytes)));
    if (got < 0 && errno == EINTR)
      got = 1;
    else if (got > 0) {
      add(std::string_view(buffer.data(), static_cast<size_t>(got)));
      bytes -= static_cast<uint64_t>(got);
    }
  }
  close(fd);
  LF_CHECK(kIo, bytes == 0, "{}: ended while it was read", path.string());
}

std::string Hasher::finish() {
  if (!state_->context) return "";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  LF_ASSERT(EVP_DigestFinal_ex(state_->context, digest, &length));
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string text_sha256(std::string_view text) {
  Hasher hasher(FileHash::Kind::kSha256, text.size());
  hasher.add(text);
  return hasher.finish();
}

}  // namespace lf
