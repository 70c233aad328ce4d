// Repositories of ModelScope, in the layout of its client (modelscope 1.40, modelscope_hub 0.5):
// {models|datasets}/<owner>--<name>/snapshots/<revision>/<file>, or the folder of older clients when that is there.
#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "hub/ask.h"
#include "hub/file_lock.h"
#include "hub/names.h"
#include "hub/repo.h"
#include "hub/transfer.h"
#include "hub/url.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr int kPageSize = 200;
constexpr int kMaxPages = 10'000;
/// repo/files ends here without a word.
constexpr size_t kListingLimit = 3000;

bool has_entries(const fs::path& folder) {
  std::error_code status;
  return fs::is_directory(folder, status) && fs::directory_iterator(folder, status) != fs::directory_iterator();
}

class MsRepo final : public Repo {
 public:
  MsRepo(const RepoRequest& request, const HubSettings& settings)
      : Repo(request, settings), revision_(request.revision == "main" ? "master" : request.revision) {
    choose_folder();
    open_with_fallback([this](const RetryPolicy& policy) { ask_hub(policy); },
                       [this] {
                         list_folder();
                         return !files_.empty();
                       });
  }

  fs::path folder() const override { return folder_; }
  std::string state() const override { return revision_; }

 private:
  std::string segment() const { return request_.type == RepoType::kModel ? "models" : "datasets"; }
  std::string page() const override { return settings_.endpoint + "/" + segment() + "/" + request_.id; }
  std::string api() const { return settings_.endpoint + "/api/v1/" + segment() + "/" + request_.id; }

  HttpRequest request(std::string url) const {
    return {.url = std::move(url), .token = settings_.token, .token_cookie = "m_session_id"};
  }

  /// Folders that clients before 1.38 filled (dots in names written as ___) are used on, as the client does.
  void choose_folder() {
    const size_t slash = request_.id.find('/');
    const std::string owner = request_.id.substr(0, slash), name = request_.id.substr(slash + 1);
    const fs::path base = settings_.cache / segment();
    const std::string old_name = replace_all(name, ".", "___");
    folder_ = base / replace_all(request_.id, "/", "--") / "snapshots" / revision_;
    for (const fs::path& old : {base / owner / old_name, settings_.cache / "hub" / segment() / owner / old_name}) {
      if (!has_entries(old)) continue;
      folder_ = old;
      return;
    }
  }

  MsPage ask_page(HttpClient& client, const std::string& url, const RetryPolicy& policy) {
    const HttpResponse answer = ask(client, request(url), subject(), policy);
    return parse_ms_files(answer.body, url_for_messages(answer.url));
  }

  void ask_hub(const RetryPolicy& policy) {
    HttpClient client(patient(settings_.limits));
    const std::string query = "?Revision=" + percent_encode(revision_, "") + "&Recursive=True";
    if (request_.type == RepoType::kModel) {
      MsPage all = ask_page(client, api() + "/repo/files" + query, policy);
      if (all.entries >= kListingLimit) {
        throw_hub(HubTrouble::kBadAnswer, "{}: its list of files is cut off at {} entries", text(), all.entries);
      }
      files_ = std::move(all.files);
      return;
    }
    for (int number = 1;; ++number) {
      if (number > kMaxPages) throw_hub(HubTrouble::kBadAnswer, "{}: its list of files does not end", text());
      MsPage page = ask_page(
          client, api() + "/repo/tree" + query + fmt::format("&PageNumber={}&PageSize={}", number, kPageSize), policy);
      std::move(page.files.begin(), page.files.end(), std::back_inserter(files_));
      if (page.entries < kPageSize) return;
    }
  }

  /// Revisions are branches that move: content is compared with the list, as the client does.
  bool is_there(const RepoFile& file) const override {
    const fs::path path = target(file.path);
    std::error_code status;
    if (!fs::is_regular_file(path, status)) return false;
    if (from_cache_) return true;
    const uint64_t size = fs::file_size(path, status);
    if (status || (file.size && size != *file.size)) return false;
    if (file.sha256.empty()) return true;
    Hasher hasher(FileHash::Kind::kSha256, size);
    hasher.add_file(path, size);
    return hasher.finish() == file.sha256;
  }

  fs::path partial(const RepoFile& file) const { return target(file.path).string() + ".incomplete"; }

  uint64_t bytes_there(const RepoFile& file) const override {
    std::error_code status;
    const uint64_t bytes = fs::file_size(partial(file), status);
    return status ? 0 : bytes;
  }

  fs::path lock_path(const RepoFile& file) const {
    std::string key;
    for (const std::string& part :
         {std::string("modelscope-hub-download-lock-v2"), std::string("file"),
          std::string(request_.type == RepoType::kModel ? "model" : "dataset"), request_.id}) {
      key += part + '\0';
    }
    return settings_.cache / ".lock" / ("file_" + text_sha256(key + file.path) + ".lock");
  }

  void fetch_one(HttpClient& client, const RepoFile& file, DownloadProgress& progress) override {
    const FileLock lock(lock_path(file));
    uint64_t size = file.size.value_or(0);
    if (is_there(file)) {
      progress.add(static_cast<int64_t>(size), false);
    } else {
      const fs::path path = target(file.path);
      std::error_code status;
      fs::create_directories(path.parent_path(), status);
      Transfer transfer{.name = file.path, .size = file.size, .hash = file.hash(), .partial = partial(file)};
      transfer.request = request(api() + "/repo?Revision=" + percent_encode(revision_, "") +
                                 "&FilePath=" + percent_encode(file.path, ""));
      size = run_transfer(client, transfer, subject(), settings_.retry, &progress);
      fs::rename(transfer.partial, path, status);
      LF_CHECK(kIo, !status, "{}: cannot be written: {}", path.string(), status.message());
    }
    progress.file_done(file.path, size);
  }

  const std::string revision_;
  fs::path folder_;
};

}  // namespace

std::unique_ptr<Repo> open_ms_repo(const RepoRequest& request, const HubSettings& settings) {
  return std::make_unique<MsRepo>(request, settings);
}

}  // namespace lf
