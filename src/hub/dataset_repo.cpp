#include "hub/dataset_repo.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "hub/repo.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConverted = "refs/convert/parquet";
constexpr uint64_t kMaxCardBytes = uint64_t{16} << 20;

std::vector<DatasetConfig> configs_of(Repo& repo) {
  std::vector<DatasetConfig> configs;
  if (repo.has("README.md")) {
    configs = parse_dataset_configs(read_file(repo.fetch("README.md"), kMaxCardBytes), repo.text() + ": README.md");
  }
  if (repo.has(".huggingface.yaml")) {
    const std::string text = read_file(repo.fetch(".huggingface.yaml"), kMaxCardBytes);
    auto standalone = parse_dataset_configs(text, repo.text() + ": .huggingface.yaml", true);
    if (!standalone.empty()) configs = std::move(standalone);
  }
  return configs;
}

/// datasets' loading scripts are called like the repository.
std::string script_of(const Repo& repo, const std::string& id) {
  const std::string name = id.substr(id.rfind('/') + 1) + ".py";
  return repo.has(name) ? name : "";
}

std::vector<fs::path> fetch_all(Repo& repo, const std::vector<std::string>& names) {
  const fs::path folder = repo.fetch(names);
  repo.publish();
  std::vector<fs::path> paths;
  for (const std::string& name : names) paths.push_back(folder / name);
  return paths;
}

/// `reason`: why the repository itself cannot be read.
std::vector<fs::path> fetch_converted(const HubSettings& settings, const DatasetRequest& request,
                                      const std::string& reason) {
  std::unique_ptr<Repo> repo;
  try {
    repo = Repo::open({.type = RepoType::kDataset, .id = request.id, .revision = kConverted}, settings);
  } catch (const HubError& error) {
    if (error.trouble() != HubTrouble::kNoRevision && error.trouble() != HubTrouble::kNoRepo &&
        error.trouble() != HubTrouble::kOffline) {
      throw;
    }
    throw_error(
        ErrorKind::kUnsupported,
        "dataset {}: {}, and the hub has no Parquet conversion of it (branch {}: {}). Convert it once with Python "
        "(datasets: load_dataset(...).to_json(...)) and use file_name",
        request.id, reason, kConverted, error.what());
  }
  log_info("hub", "dataset {}: {}; its Parquet conversion is read", request.id, reason);
  return fetch_all(*repo, choose_converted_files(repo->names(), request.choice, repo->text()));
}

}  // namespace

std::vector<fs::path> fetch_dataset(HubSite site, const DatasetRequest& request, const HubKeys& keys) {
  const HubSettings settings = hub_settings(site, keys);
  const auto repo = Repo::open({.type = RepoType::kDataset, .id = request.id, .revision = request.revision}, settings);
  const bool convertible = site == HubSite::kHuggingFace && request.choice.folder.empty();
  const std::string script = script_of(*repo, request.id);
  if (!script.empty()) {
    const std::string reason = "it is made by the script " + script + ", and scripts are never run";
    LF_CHECK(kUnsupported, convertible, "dataset {}: {}; convert it once with Python and use file_name", request.id,
             reason);
    return fetch_converted(settings, request, reason);
  }
  const std::vector<std::string> names = repo->names();
  const bool data = std::any_of(names.begin(), names.end(), is_data_file);
  if (!data && convertible) {
    return fetch_converted(settings, request, "it holds no json, jsonl, csv, parquet, arrow or txt files");
  }
  return fetch_all(*repo, choose_dataset_files(names, configs_of(*repo), request.choice, repo->text()));
}

fs::path fetch_dataset_info(HubSite site, const std::string& id, const HubKeys& keys) {
  const auto repo = Repo::open({.type = RepoType::kDataset, .id = id}, hub_settings(site, keys));
  const fs::path path = repo->fetch("dataset_info.json");
  repo->publish();
  return path;
}

}  // namespace lf
