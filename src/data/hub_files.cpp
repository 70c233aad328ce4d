#include "data/hub_files.h"

#include "base/error.h"
#include "data/source/split_slice.h"
#include "hub/dataset_repo.h"

namespace lf {
namespace {

HubSite site_of(DatasetOrigin origin) {
  LF_ASSERT(origin != DatasetOrigin::kFile && origin != DatasetOrigin::kCloud);
  if (origin == DatasetOrigin::kModelScope) return HubSite::kModelScope;
  return origin == DatasetOrigin::kOpenMind ? HubSite::kOpenMind : HubSite::kHuggingFace;
}

}  // namespace

HubKeys hub_keys(const ModelOptions& options) {
  return {.cache_dir = options.cache_dir.value_or(""),
          .hf_hub_token = options.hf_hub_token.value_or(""),
          .ms_hub_token = options.ms_hub_token.value_or(""),
          .om_hub_token = options.om_hub_token.value_or("")};
}

std::filesystem::path hub_dataset_info(const std::string& repository, const HubKeys& keys) try {
  return fetch_dataset_info(hub_of_environment(), repository, keys);
} catch (const Error& error) {
  throw Error(error.kind(), "dataset_dir: REMOTE:" + repository + ": " + error.what());
}

std::vector<std::string> hub_dataset_files(const DatasetAttr& attr) try {
  const DatasetRequest request{
      .id = attr.address,
      .choice = {.subset = attr.subset, .split = SplitSlice::parse(attr.split).name(), .folder = attr.folder}};
  std::vector<std::string> paths;
  for (const auto& path : fetch_dataset(site_of(attr.origin), request, attr.hub)) paths.push_back(path.string());
  return paths;
} catch (const Error& error) {
  throw Error(error.kind(), "dataset " + attr.name + ": " + error.what());
}

}  // namespace lf
