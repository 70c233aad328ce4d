// One repository of a hub at one revision, and the folder on this machine where its files lie as the hub's own Python
// client lays them.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hub/file_list.h"
#include "hub/progress.h"
#include "hub/settings.h"

namespace lf {

enum class RepoType { kModel, kDataset };

struct RepoRequest {
  RepoType type = RepoType::kModel;
  std::string id;                 // "owner/name"
  std::string revision = "main";  // branch, tag or commit; "main" means "master" on ModelScope
};

class Repo {
 public:
  /// Finds the repository. Without a network (or with HF_HUB_OFFLINE, or when the hub refuses) the newest state in the
  /// cache is taken, with a warning. Throws HubError when there is none, kConfig for impossible names.
  static std::unique_ptr<Repo> open(const RepoRequest& request, const HubSettings& settings);
  virtual ~Repo() = default;
  Repo(const Repo&) = delete;
  Repo& operator=(const Repo&) = delete;

  /// All files of the revision; of what is on this machine when the hub cannot be asked.
  const std::vector<RepoFile>& files() const { return files_; }
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return find(name) != nullptr; }
  /// Downloads those that are not there yet, four at a time: resumed, verified, shared with other processes. Refuses
  /// (kIo) to start when the disk is too small. Returns the folder that holds them.
  std::filesystem::path fetch(const std::vector<std::string>& names);
  /// fetch() of one, and its path.
  std::filesystem::path fetch(const std::string& name);
  /// To be called when all that is wanted came: from now on the revision stands for this state in the cache. Before, a
  /// half-filled folder is never taken for the whole.
  virtual void publish() {}

  /// Where the files are or will be.
  virtual std::filesystem::path folder() const = 0;
  /// The commit, or the revision where the hub does not say (ModelScope).
  virtual std::string state() const = 0;
  bool from_cache() const { return from_cache_; }
  /// "model org/name".
  std::string text() const;

 protected:
  Repo(RepoRequest request, HubSettings settings) : request_(std::move(request)), settings_(std::move(settings)) {}

  virtual std::string page() const = 0;
  Subject subject() const;
  const RepoFile* find(const std::string& name) const;
  virtual std::filesystem::path target(const std::string& name) const { return folder() / name; }
  /// True when `file` is there and good.
  virtual bool is_there(const RepoFile& file) const = 0;
  /// Bytes of `file` that an earlier run left.
  virtual uint64_t bytes_there(const RepoFile& file) const = 0;
  virtual void fetch_one(HttpClient& client, const RepoFile& file, DownloadProgress& progress) = 0;
  /// files() from what lies in the folder.
  void list_folder();
  /// Asks `online`; when that fails in a way that the cache can help with, `cached` (false = nothing there).
  void open_with_fallback(const std::function<void(const RetryPolicy&)>& online, const std::function<bool()>& cached);

  const RepoRequest request_;
  const HubSettings settings_;
  std::vector<RepoFile> files_;
  bool from_cache_ = false;
};

std::unique_ptr<Repo> open_hf_repo(const RepoRequest& request, const HubSettings& settings);
std::unique_ptr<Repo> open_ms_repo(const RepoRequest& request, const HubSettings& settings);

}  // namespace lf
