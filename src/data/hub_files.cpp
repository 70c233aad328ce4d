#include "data/hub_files.h"

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
  DatasetRequest request;
  request.id = attr.address;
  request.choice = {.subset = attr.subset, .split = SplitSlice::parse(attr.split).name(), .folder = attr.folder};
  std::vector<std::string> files;
  for (const auto& path : fetch_dataset(site_of(attr.origin), request, attr.hub)) files.push_back(path.string());
  return files;
} catch (const Error& error) {
  throw Error(error.kind(), "dataset " + attr.name + ": " + error.what());
}

}  // namespace lf
