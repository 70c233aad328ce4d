#include "data/source/resolve.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "data/hub_files.h"
#include "data/source/split_slice.h"
#include "hub/dataset_files.h"

namespace lf {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

SourceSpec local_source(const DatasetAttr& attr) {
  const std::string split = SplitSlice::parse(attr.split).name();
  std::error_code status;
  if (split == "train") return {{attr.path.string()}, attr.split};
  Names files;
  if (fs::is_directory(attr.path, status)) {
    for (const auto& entry : fs::recursive_directory_iterator(attr.path)) {
      if (entry.is_regular_file(status)) files.push_back(entry.path().lexically_relative(attr.path).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  SourceSpec spec{{}, attr.split};
  for (const auto& [name, paths] : splits_by_names(files)) {
    if (name != split) continue;
    for (const std::string& path : paths) spec.paths.push_back((attr.path / path).string());
  }
  LF_CHECK(kData, !spec.paths.empty(),
           "dataset {}: Unknown split \"{}\" of {}; a file is all train, and in a folder names such as test.jsonl or "
           "test/rows.jsonl make splits",
           attr.name, printable(split), attr.path.string());
  return spec;
}

}  // namespace

SourceSpec resolve_source(const DatasetAttr& attr) {
  if (attr.origin == DatasetOrigin::kFile) return local_source(attr);
  if (attr.origin == DatasetOrigin::kCloud) return {{attr.address}, attr.split};
  return {hub_dataset_files(attr), attr.split};
}

}  // namespace lf
