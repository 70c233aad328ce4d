// The seam to room hub: datasets that are downloaded.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset_info.h"

namespace lf {

/// dataset_dir: REMOTE:owner/name - the dataset_info.json of that dataset repository, in the local cache.
std::filesystem::path hub_dataset_info(const std::string& repository, const HubKeys& keys);
/// The files (on this machine, in order) that hold the rows of a hub dataset's subset, folder and split. Errors name
/// the dataset.
std::vector<std::string> hub_dataset_files(const DatasetAttr& attr);

}  // namespace lf
