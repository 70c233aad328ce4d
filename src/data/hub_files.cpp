#include "data/hub_files.h"

#include <map>
#include <mutex>

#include "base/error.h"
#include "data/source/split_slice.h"
#include "hub/dataset_repo.h"

namespace lf {
namespace {

HubSite site_of(DatasetOrigin origin) {
  if (origin == DatasetOrigin::kModelScope) return HubSite::kModelScope;
  return origin == DatasetOrigin::kOpenMind ? HubSite::kOpenMind : HubSite::kHuggingFace;
}

}  // namespace

std::filesystem::path hub_dataset_info(const std::string& repository, const HubKeys& keys) try {
  return fetch_dataset_info(hub_of_environment(), repository, keys);
} catch (const Error& error) {
  throw Error(error.kind(), "dataset_dir: REMOTE:" + repository + ": " + error.what());
}

std::vector<std::string> hub_dataset_files(const DatasetAttr& attr) try {
  // Asked more than once in a run (cache key, rows): the answer stays the same though the branch may move meanwhile.
  static std::mutex mutex;
  static std::map<std::vector<std::string>, std::vector<std::string>> known;
  const std::string split = SplitSlice::parse(attr.split).name();
  const std::vector<std::string> key = {
      std::to_string(static_cast<int>(attr.origin)), attr.address, attr.subset, split, attr.folder, attr.hub.cache_dir};
  const std::scoped_lock lock(mutex);
  if (const auto found = known.find(key); found != known.end()) return found->second;
  DatasetRequest request;
  request.id = attr.address;
  request.choice = {.subset = attr.subset, .split = split, .folder = attr.folder};
  std::vector<std::string> files;
  for (const auto& path : fetch_dataset(site_of(attr.origin), request, attr.hub)) files.push_back(path.string());
  return known[key] = files;
} catch (const Error& error) {
  throw Error(error.kind(), "dataset " + attr.name + ": " + error.what());
}

}  // namespace lf
