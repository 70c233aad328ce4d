#include "data/hub_files.h"

#include "base/error.h"

namespace lf {

std::filesystem::path hub_dataset_info(const std::string& repository) {
  throw_error(ErrorKind::kUnsupported,
              "dataset_dir: REMOTE:{} (a dataset_info.json of a hub) is not available yet; give a folder with "
              "dataset_info.json",
              repository);
}

std::vector<std::string> hub_dataset_files(const DatasetAttr& attr) {
  throw_error(ErrorKind::kUnsupported,
              "dataset {}: datasets of a hub ({}) are not available yet; download the files and use file_name",
              attr.name, attr.address);
}

}  // namespace lf
