#include "hub/repo.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "hub/names.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

void require_space(const fs::path& folder, uint64_t bytes, const std::string& what) {
  fs::path at = folder;
  std::error_code status;
  while (!fs::exists(at, status) && at.has_relative_path()) at = at.parent_path();
  struct statvfs info {};
  if (statvfs(at.c_str(), &info) != 0) return;  // cannot be told; writing will say
  const uint64_t free = static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
  LF_CHECK(kIo, bytes <= free, "{}: {} are to be downloaded to {} but only {} are free; set cache_dir to a larger disk",
           what, human_bytes(bytes), folder.string(), human_bytes(free));
}

/// Calls `work(client, i)` for all i < count, in up to `workers` threads; the first error stops the rest and is thrown.
void in_parallel(size_t count, int workers, const HttpLimits& limits,
                 const std::function<void(HttpClient&, size_t)>& work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first;
  auto run = [&] {
    try {
      HttpClient client(limits);
      for (size_t i = next++; i < count; i = next++) work(client, i);
    } catch (...) {
      next = count;
      const std::scoped_lock lock(mutex);
      if (!first) first = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  const size_t wanted = std::min(count, static_cast<size_t>(std::max(1, workers)));
  for (size_t i = 1; i < wanted; ++i) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  if (first) std::rethrow_exception(first);
}

}  // namespace

std::unique_ptr<Repo> Repo::open(const RepoRequest& request, const HubSettings& settings) {
  check_repo_id(request.id);
  check_revision(request.revision);
  LF_CHECK(kConfig, settings.site == HubSite::kHuggingFace || request.id.find('/') != std::string::npos,
           "'{}' is not the name of a repository on ModelScope (owner/name)", printable(request.id));
  return settings.site == HubSite::kModelScope ? open_ms_repo(request, settings) : open_hf_repo(request, settings);
}

std::string Repo::text() const { return (request_.type == RepoType::kModel ? "model " : "dataset ") + request_.id; }

Subject Repo::subject() const {
  return {.what = text() + (request_.revision == "main" ? "" : "@" + request_.revision),
          .page = page(),
          .token_hint = settings_.token_hint,
          .has_token = !settings_.token.empty()};
}

std::vector<std::string> Repo::names() const {
  std::vector<std::string> names;
  for (const RepoFile& file : files_) names.push_back(file.path);
  return names;
}

const RepoFile* Repo::find(const std::string& name) const {
  const auto it = std::find_if(files_.begin(), files_.end(), [&](const RepoFile& file) { return file.path == name; });
  return it == files_.end() ? nullptr : &*it;
}

fs::path Repo::fetch(const std::string& name) {
  fetch(std::vector<std::string>{name});
  return target(name);
}

fs::path Repo::fetch(const std::vector<std::string>& names) {
  std::unordered_map<std::string_view, const RepoFile*> known;
  for (const RepoFile& file : files_) known.emplace(file.path, &file);
  std::vector<const RepoFile*> wanted;
  uint64_t bytes = 0, there = 0;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    const auto it = known.find(name);
    if (it == known.end()) throw_hub(HubTrouble::kNoFile, "{} has no file '{}'", text(), printable(name));
    const RepoFile& file = *it->second;
    if (is_there(file)) continue;
    wanted.push_back(&file);
    bytes += file.size.value_or(0);
    there += std::min(bytes_there(file), file.size.value_or(0));
  }
  if (!wanted.empty()) {
    if (from_cache_) {
      throw_hub(HubTrouble::kOffline, "{}: '{}' is not in the cache ({}) and the hub cannot be asked", text(),
                printable(wanted.front()->path), folder().string());
    }
    require_space(folder(), bytes - there, text());
    // Large files first: the last thread is not left alone with the largest.
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](auto* a, auto* b) { return a->size.value_or(0) > b->size.value_or(0); });
    DownloadProgress progress(text(), wanted.size(), bytes);
    in_parallel(wanted.size(), settings_.workers, settings_.limits,
                [&](HttpClient& client, size_t i) { fetch_one(client, *wanted[i], progress); });
  }
  return folder();
}

void Repo::list_folder() {
  files_.clear();
  std::error_code status;
  for (fs::recursive_directory_iterator it(folder(), status), end; !status && it != end; it.increment(status)) {
    if (!it->is_regular_file(status) || it->path().extension() == ".incomplete") continue;
    RepoFile file{.path = it->path().lexically_relative(folder()).generic_string()};
    file.size = static_cast<uint64_t>(it->file_size(status));
    files_.push_back(std::move(file));
  }
  std::sort(files_.begin(), files_.end(), [](const RepoFile& a, const RepoFile& b) { return a.path < b.path; });
}

void Repo::open_with_fallback(const std::function<void(const RetryPolicy&)>& online,
                              const std::function<bool()>& cached) {
  if (settings_.offline) {
    from_cache_ = true;
    if (cached()) return;
    throw_hub(HubTrouble::kOffline, "{} is not in the cache ({}) and HF_HUB_OFFLINE is set", subject().what,
              settings_.cache.string());
  }
  const bool in_cache = cached();
  files_.clear();
  RetryPolicy policy = settings_.retry;
  if (in_cache) policy.attempts = std::min(policy.attempts, 2);  // no long wait when there is something to fall back to
  try {
    online(policy);
  } catch (const HubError& error) {
    if (!error.cache_may_help() || !cached()) throw;
    from_cache_ = true;
    log_warn("hub", "{}; files of an earlier download are used: {}", error.what(), folder().string());
  }
}

}  // namespace lf
