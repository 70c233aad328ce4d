// From an entry of dataset_info.json to the files that hold its rows.
#pragma once
#include "data/dataset_info.h"
#include "data/source/source.h"

namespace lf {

/// Local and cloud entries as they are; hub entries are downloaded (room hub) into its cache, and the files of the
/// wanted subset, folder and split are named. kData, kIo, kUnsupported as the hub has it.
SourceSpec resolve_source(const DatasetAttr& attr);

/// The files (relative paths with '/') that `datasets` would give to `split` of a repository or folder without
/// metadata: by the words train, test, validation ... in names of folders and files; everything is train when no name
/// says so. Hidden files and files of other types are left out. Sorted.
std::vector<std::string> files_of_split(const std::vector<std::string>& files, const std::string& split);

}  // namespace lf
