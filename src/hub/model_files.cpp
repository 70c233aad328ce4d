#include "hub/model_files.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strings.h"
#include "hub/names.h"
#include "hub/patterns.h"

namespace lf {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSmallFiles[] = {"config.json",
                                       "generation_config.json",
                                       "adapter_config.json",
                                       "*.safetensors.index.json",
                                       "tokenizer.json",
                                       "tokenizer_config.json",
                                       "tokenizer.model",
                                       "tokenizer.model.v*",
                                       "special_tokens_map.json",
                                       "added_tokens.json",
                                       "vocab.json",
                                       "vocab.txt",
                                       "merges.txt",
                                       "*.tiktoken",
                                       "tekken.json",
                                       "*.model",
                                       "*.spm",
                                       "chat_template.*",
                                       "additional_chat_templates/*.jinja",
                                       "preprocessor_config.json",
                                       "processor_config.json",
                                       "video_preprocessor_config.json"};
constexpr const char* kPickled[] = {"pytorch_model*.bin", "adapter_model.bin", "pytorch_model.bin.index.json"};

bool any_matches(std::string_view name, std::span<const char* const> patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const char* pattern) {
    const auto depth = [](std::string_view text) { return std::count(text.begin(), text.end(), '/'); };
    return depth(name) == depth(pattern) && matches_name(name, pattern);
  });
}

/// transformers reads model*.safetensors; repositories often also hold the original authors' consolidated files.
bool is_standard_weights(std::string_view name) {
  return matches_name(name, "model*.safetensors") || name == "adapter_model.safetensors" ||
         name == "value_head.safetensors" || matches_name(name, "diffusion_pytorch_model*.safetensors");
}

std::string prefix_of(const std::string& subfolder) {
  return subfolder.empty() || subfolder.ends_with('/') ? subfolder : subfolder + "/";
}

/// Offline a snapshot may be half of one: all shards of its index must be there.
void check_shards(const fs::path& folder, const Repo& repo) {
  const fs::path index = folder / "model.safetensors.index.json";
  std::error_code status;
  if (!fs::is_regular_file(index, status)) return;
  const Json json = read_json(index);
  const auto map = json.find("weight_map");
  if (map == json.end() || !map->is_object()) return;  // the loader says what is wrong with it
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map->items()) {
    if (shard.is_string()) shards.insert(shard.get<std::string>());
  }
  for (const std::string& shard : shards) {
    check_repo_file(shard);
    if (!fs::is_regular_file(folder / shard, status)) {
      throw_hub(HubTrouble::kOffline, "{}: {} is missing in the cache ({}), and the hub cannot be asked", repo.text(),
                printable(shard), folder.string());
    }
  }
}

std::vector<std::string> needed_files(const Repo& repo, const ModelRequest& request) {
  std::vector<std::string> files = select_model_files(repo.names(), request.subfolder);
  const auto any = [&](std::string_view end) {
    return std::any_of(files.begin(), files.end(), [end](const std::string& file) { return file.ends_with(end); });
  };
  const std::string in = request.subfolder.empty() ? "" : " (folder " + printable(request.subfolder) + ")";
  const std::string_view config = request.adapter ? "adapter_config.json" : "config.json";
  const bool other = !request.adapter && any("adapter_config.json");
  const std::string wanted = prefix_of(request.subfolder) + std::string(config);
  const bool there = std::find(files.begin(), files.end(), wanted) != files.end();
  LF_CHECK(kConfig, there, "{}{} has no {}{}", repo.text(), in, config,
           other ? ": it is an adapter, to be given as adapter_name_or_path" : "");
  LF_CHECK(
      kUnsupported, !request.weights || request.pickles || any(".safetensors") || !any(".bin"),
      "{}{} only has pickled weights (.bin); use a revision with safetensors, or allow_legacy_bin: true, which reads "
      "their tensors without running anything in them",
      repo.text(), in);
  if (!request.weights) {
    std::erase_if(files,
                  [](const std::string& file) { return file.ends_with(".safetensors") || file.ends_with(".bin"); });
  }
  return files;
}

}  // namespace

std::vector<std::string> select_model_files(const std::vector<std::string>& names, const std::string& subfolder) {
  const std::string prefix = prefix_of(subfolder);
  std::vector<std::string> small, standard, other, pickled;
  for (const std::string& name : names) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = std::string_view(name).substr(prefix.size());
    if (any_matches(rest, kSmallFiles))
      small.push_back(name);
    else if (rest.find('/') != rest.npos)
      continue;
    else if (is_standard_weights(rest))
      standard.push_back(name);
    else if (rest.ends_with(".safetensors"))
      other.push_back(name);
    else if (any_matches(rest, kPickled))
      pickled.push_back(name);
  }
  const std::vector<std::string>& weights = !standard.empty() ? standard : !other.empty() ? other : pickled;
  small.insert(small.end(), weights.begin(), weights.end());
  return small;
}

bool is_local_model(const std::string& name) {
  std::error_code status;
  return fs::exists(name, status);
}

fs::path find_model(const ModelRequest& request, const HubKeys& keys) {
  if (is_local_model(request.name)) return request.name;
  LF_CHECK(kConfig, is_repo_id(request.name),
           "{} '{}' is neither a folder on this machine nor the name of a repository (owner/name)", request.key,
           printable(request.name));
  const HubSite site = hub_of_environment();
  const HubSettings settings = hub_settings(site, keys);
  try {
    const auto repo =
        Repo::open({.type = RepoType::kModel, .id = request.name, .revision = request.revision}, settings);
    const fs::path folder = repo->fetch(needed_files(*repo, request));
    if (repo->from_cache()) check_shards(folder, *repo);
    repo->publish();
    log_info("hub", "{} is {}", request.name, folder.string());
    return folder;
  } catch (const HubError& error) {
    throw HubError(error.trouble(), error.kind(),
                   fmt::format("{} '{}' is no folder on this machine, and {} does not help: {}", request.key,
                               printable(request.name), hub_name(site), error.what()));
  }
}

}  // namespace lf
