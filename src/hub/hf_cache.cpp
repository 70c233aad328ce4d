#include "hub/hf_cache.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "hub/names.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCacheTag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by llamafactory-cli.\n"
    "# For information about cache directory tags, see:\n"
    "#\thttps://bford.info/cachedir/\n";

void make_parents(const fs::path& path) {
  std::error_code status;
  fs::create_directories(path.parent_path(), status);
  LF_CHECK(kIo, !status, "{}: cannot be created: {}", path.parent_path().string(), status.message());
}

/// Whole or not at all.
void write_whole(const fs::path& path, std::string_view text) {
  static std::atomic<unsigned> counter{0};
  make_parents(path);
  const fs::path temporary = path.string() + fmt::format(".{}-{}.tmp", getpid(), counter++);
  {
    std::ofstream out(temporary, std::ios::binary);
    out << text;
    out.close();
    LF_CHECK(kIo, out.good(), "{}: cannot be written: {}", temporary.string(), std::strerror(errno));
  }
  std::error_code status;
  fs::rename(temporary, path, status);
  LF_CHECK(kIo, !status, "{}: cannot be written: {}", path.string(), status.message());
}

}  // namespace

HfCache::HfCache(fs::path cache, RepoType type, const std::string& id, bool symlinks)
    : cache_(std::move(cache)),
      folder_(cache_ / ((type == RepoType::kModel ? "models--" : "datasets--") + replace_all(id, "/", "--"))),
      symlinks_(symlinks) {}

fs::path HfCache::lock(const std::string& etag) const {
  return cache_ / ".locks" / folder_.filename() / (etag + ".lock");
}

std::optional<std::string> HfCache::commit_of(const std::string& revision) const {
  if (is_commit(revision)) return revision;
  const fs::path ref = folder_ / "refs" / revision;
  std::error_code status;
  if (!fs::is_regular_file(ref, status)) return std::nullopt;
  const std::string commit(trim(read_file(ref, 4096)));
  return is_commit(commit) ? std::optional(commit) : std::nullopt;
}

void HfCache::write_ref(const std::string& revision, const std::string& commit) const {
  if (revision == commit || commit_of(revision) == commit) return;
  write_whole(folder_ / "refs" / revision, commit);
}

std::optional<std::vector<RepoFile>> HfCache::tree(const std::string& commit) const {
  const fs::path path = folder_ / "trees" / (commit + ".json");
  std::error_code status;
  if (!fs::is_regular_file(path, status)) return std::nullopt;
  return parse_tree_cache(read_file(path, uint64_t{512} << 20));
}

void HfCache::write_tree(const std::string& commit, const std::vector<RepoFile>& files) const {
  const fs::path path = folder_ / "trees" / (commit + ".json");
  std::error_code status;
  if (!fs::exists(path, status)) write_whole(path, tree_cache_text(files));
}

void HfCache::write_absent(const std::string& commit, const std::string& name) const {
  const fs::path path = folder_ / ".no_exist" / commit / name;
  std::error_code status;
  if (fs::exists(path, status)) return;
  make_parents(path);
  std::ofstream(path, std::ios::app);
}

void HfCache::write_tag() const {
  std::error_code status;
  const fs::path tag = cache_ / "CACHEDIR.TAG";
  if (!fs::exists(tag, status)) write_whole(tag, kCacheTag);
}

void HfCache::link(const std::string& commit, const std::string& name, const std::string& etag, bool fresh) const {
  const fs::path pointer = snapshot(commit) / name;
  std::error_code status;
  if (fs::exists(pointer, status)) return;
  make_parents(pointer);
  const fs::path target = blob(etag).lexically_relative(pointer.parent_path());
  fs::remove(pointer, status);  // a link that leads nowhere
  if (symlinks_) {
    if (symlink(target.c_str(), pointer.c_str()) == 0 || errno == EEXIST) return;
    const bool without = errno == EPERM || errno == ENOTSUP || errno == ENOSYS || errno == EACCES;
    LF_CHECK(kIo, without, "{}: cannot be linked: {}", pointer.string(), std::strerror(errno));
    log_debug("hub", "{}: no links here ({})", cache_.string(), std::strerror(errno));
  }
  fresh ? fs::rename(blob(etag), pointer, status) : (void)fs::copy_file(blob(etag), pointer, status);
  LF_CHECK(kIo, !status, "{}: cannot be written: {}", pointer.string(), status.message());
}

}  // namespace lf
