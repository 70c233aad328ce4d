// Datasets of a hub: which files hold the wanted rows, downloaded.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "hub/dataset_files.h"
#include "hub/settings.h"

namespace lf {

struct DatasetRequest {
  std::string id;  // "owner/name"
  std::string revision = "main";
  DatasetChoice choice;
};

/// Paths of the data files of one split on this machine, in the order in which they are to be read. A repository with a
/// loading script is read from its Parquet conversion (branch refs/convert/parquet); scripts never run. kUnsupported,
/// with what to do, when there is no conversion; kData for an unknown subset or split; HubError.
std::vector<std::filesystem::path> fetch_dataset(HubSite site, const DatasetRequest& request, const HubKeys& keys);

/// dataset_dir: REMOTE:<id>: the path of the repository's dataset_info.json on this machine.
std::filesystem::path fetch_dataset_info(HubSite site, const std::string& id, const HubKeys& keys);

}  // namespace lf
