// Datasets that lie on a hub: room hub downloads them, here is what a configuration says about it.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "config/model_options.h"
#include "data/dataset_info.h"

namespace lf {

/// The hub keys of a configuration.
HubKeys hub_keys(const ModelOptions& options);
/// dataset_dir: REMOTE:owner/name - the dataset_info.json of that dataset repository (of the hub of the environment),
/// on this machine.
std::filesystem::path hub_dataset_info(const std::string& repository, const HubKeys& keys);
/// The files (on this machine, in order) that hold the rows of a hub dataset's subset, folder and split. Errors name
/// the dataset.
std::vector<std::string> hub_dataset_files(const DatasetAttr& attr);

}  // namespace lf
