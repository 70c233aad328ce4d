// The seam to room hub: datasets that are downloaded.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset_info.h"

namespace lf {

/// dataset_dir: REMOTE:owner/name - the dataset_info.json of that dataset repository, in the local cache.
std::filesystem::path hub_dataset_info(const std::string& repository, const HubKeys& keys);
/// The files (in the local cache, in order) of a hub dataset's subset, folder and split; see files_of_split for
/// repositories that say nothing about their files.
std::vector<std::string> hub_dataset_files(const DatasetAttr& attr);

}  // namespace lf
