// Repositories of the Hugging Face hub.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "hub/ask.h"
#include "hub/file_lock.h"
#include "hub/hf_cache.h"
#include "hub/names.h"
#include "hub/repo.h"
#include "hub/transfer.h"
#include "hub/url.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxPages = 10'000;

/// Files that Python's loaders look for in every model: their absence is noted, so that they do not ask the hub again.
constexpr const char* kLookedFor[] = {"adapter_config.json",
                                      "added_tokens.json",
                                      "chat_template.jinja",
                                      "chat_template.json",
                                      "config.json",
                                      "generation_config.json",
                                      "model.safetensors",
                                      "model.safetensors.index.json",
                                      "preprocessor_config.json",
                                      "processor_config.json",
                                      "special_tokens_map.json",
                                      "tokenizer.json",
                                      "tokenizer.model",
                                      "tokenizer_config.json",
                                      "vocab.json",
                                      "vocab.txt",
                                      "merges.txt"};

std::string api_segment(RepoType type) { return type == RepoType::kModel ? "models" : "datasets"; }

class HfRepo final : public Repo {
 public:
  HfRepo(const RepoRequest& request, const HubSettings& settings)
      : Repo(request, settings), cache_(settings.cache, request.type, request.id, settings.symlinks) {
    open_with_fallback([this](const RetryPolicy& policy) { ask_hub(policy); }, [this] { return take_cached(); });
  }

  fs::path folder() const override { return cache_.snapshot(commit_); }
  std::string state() const override { return commit_; }

  void publish() override try {
    if (from_cache_) return;
    if (request_.type == RepoType::kModel) {
      for (const char* name : kLookedFor) {
        if (!has(name)) cache_.write_absent(commit_, name);
      }
    }
    const bool all = std::all_of(files_.begin(), files_.end(), [this](const RepoFile& file) { return is_there(file); });
    if (all) cache_.write_tree(commit_, files_);
    cache_.write_ref(request_.revision, commit_);
    cache_.write_tag();
  } catch (const Error& error) {
    log_debug("hub", "the cache cannot be written: {}", error.what());  // it may be read-only and complete
  }

 private:
  std::string page() const override {
    return settings_.endpoint + "/" + (request_.type == RepoType::kModel ? "" : "datasets/") + request_.id;
  }
  std::string api() const { return settings_.endpoint + "/api/" + api_segment(request_.type) + "/" + request_.id; }

  HttpRequest request(std::string url, std::string method = "GET") const {
    HttpRequest request{.method = std::move(method), .url = std::move(url)};
    if (same_origin(request.url, settings_.endpoint)) request.token = settings_.token;
    return request;
  }

  /// Commit and listing from the hub.
  void ask_hub(const RetryPolicy& policy) {
    HttpClient client(patient(settings_.limits));
    const std::string revision = percent_encode(request_.revision, "");
    if (is_commit(request_.revision)) {
      commit_ = request_.revision;
    } else {
      const HttpResponse info = ask(client, request(api() + "/revision/" + revision), subject(), policy);
      commit_ = parse_hf_commit(info.body, url_for_messages(info.url));
    }
    if (auto known = cache_.tree(commit_)) {
      files_ = std::move(*known);
      return;
    }
    std::set<std::string> asked;
    std::string next = api() + "/tree/" + commit_ + "?recursive=true&expand=false";
    while (!next.empty()) {
      if (asked.size() == kMaxPages || !asked.insert(next).second)
        throw_hub(HubTrouble::kBadAnswer, "{}: its list of files does not end", text());
      const HttpResponse answer = ask(client, request(next), subject(), policy);
      std::vector<RepoFile> page = parse_hf_tree(answer.body, url_for_messages(answer.url));
      std::move(page.begin(), page.end(), std::back_inserter(files_));
      const std::string link = next_link(answer.headers.get("Link"));
      next = link.empty() ? "" : resolve_url(answer.url, link);
    }
  }

  /// The state in the cache that the revision last stood for.
  bool take_cached() {
    const auto commit = cache_.commit_of(request_.revision);
    std::error_code status;
    if (!commit || !fs::is_directory(cache_.snapshot(*commit), status)) return false;
    commit_ = *commit;
    auto known = request_.type == RepoType::kDataset ? cache_.tree(commit_) : std::nullopt;
    if (known) {
      files_ = std::move(*known);  // tells which files of a split are missing; of a model its index does
    } else {
      list_folder();
    }
    return !files_.empty();
  }

  bool is_there(const RepoFile& file) const override {
    std::error_code status;
    return fs::is_regular_file(target(file.path), status);
  }

  /// The name of the blob, as far as it is known before the hub was asked for the file's headers.
  static std::string expected_etag(const RepoFile& file) { return file.sha256.empty() ? file.blob_id : file.sha256; }

  uint64_t bytes_there(const RepoFile& file) const override {
    const std::string etag = expected_etag(file);
    if (etag.empty()) return 0;
    std::error_code status;
    const uint64_t whole = fs::file_size(cache_.blob(etag), status);
    if (!status) return whole;
    const uint64_t partial = fs::file_size(cache_.blob(etag + ".incomplete"), status);
    return status ? 0 : partial;
  }

  std::string file_url(const RepoFile& file) const {
    return page() + "/resolve/" + commit_ + "/" + percent_encode(file.path);
  }

  /// ETag and size from the headers, held against the listing.
  std::string etag_of(HttpClient& client, const RepoFile& file, std::optional<uint64_t>& size) const {
    HttpRequest head = request(file_url(file), "HEAD");
    head.headers.emplace_back("Accept-Encoding", "identity");
    const HttpResponse answer = ask_head(client, head, subject(), settings_.retry);
    const std::string commit = answer.headers.get("X-Repo-Commit");
    if (commit != commit_) {
      throw_hub(HubTrouble::kBadAnswer,
                "{}: {} (X-Repo-Commit is '{}' but {} was asked for). A hub was expected at {}; check HF_ENDPOINT and "
                "proxies",
                url_for_messages(answer.url), "this is not the answer of a hub", printable(commit, 60), commit_,
                settings_.endpoint);
    }
    const std::string linked = answer.headers.get("X-Linked-Etag");
    const std::string header = linked.empty() ? answer.headers.get("ETag") : linked;
    if (header.empty()) throw_hub(HubTrouble::kBadAnswer, "{}: no ETag", url_for_messages(answer.url));
    const std::string etag = etag_name(header);
    const bool telling = is_sha256(etag) || is_commit(etag);
    const std::string expected = expected_etag(file);
    if (telling && !expected.empty() && etag != expected) {
      throw_hub(HubTrouble::kBadAnswer, "{} of {}: the hub contradicts itself: its list says {} and its ETag {}",
                file.path, text(), expected, etag);
    }
    size = answer.headers.number("X-Linked-Size");
    if (!size && answer.status < 300) size = answer.headers.number("Content-Length");
    if (file.size) {
      if (size && *size != *file.size) {
        throw_hub(HubTrouble::kBadAnswer,
                  "{} of {}: the hub contradicts itself: its list says {} bytes, its headers {}", file.path, text(),
                  *file.size, *size);
      }
      size = file.size;
    }
    return etag;
  }

  void fetch_one(HttpClient& client, const RepoFile& file, DownloadProgress& progress) override {
    Transfer transfer{.name = file.path, .request = request(file_url(file))};
    const std::string etag = etag_of(client, file, transfer.size);
    transfer.hash = file.hash();
    if (transfer.hash.kind == FileHash::Kind::kNone && is_sha256(etag)) transfer.hash = {FileHash::Kind::kSha256, etag};
    const FileLock lock(cache_.lock(etag));
    const fs::path blob = cache_.blob(etag);
    std::error_code status;
    bool fresh = false;
    if (!fs::is_regular_file(blob, status) && !is_there(file)) {
      fs::create_directories(blob.parent_path(), status);
      transfer.partial =
          blob.string() +
          (lock.held() ? "" : fmt::format(".{:08x}", std::hash<std::string>{}(std::to_string(getpid()) + file.path))) +
          ".incomplete";
      run_transfer(client, transfer, subject(), settings_.retry, &progress);
      fs::rename(transfer.partial, blob, status);
      LF_CHECK(kIo, !status, "{}: cannot be written: {}", blob.string(), status.message());
      fresh = true;
    } else {
      progress.add(static_cast<int64_t>(file.size.value_or(0)), false);
    }
    cache_.link(commit_, file.path, etag, fresh);
    progress.file_done(file.path, transfer.size.value_or(0));
  }

  HfCache cache_;
  std::string commit_;
};

}  // namespace

std::unique_ptr<Repo> open_hf_repo(const RepoRequest& request, const HubSettings& settings) {
  return std::make_unique<HfRepo>(request, settings);
}

}  // namespace lf
