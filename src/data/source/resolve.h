// From an entry of dataset_info.json to the files that hold its rows.
#pragma once
#include "data/dataset_info.h"
#include "data/source/source.h"

namespace lf {

/// Local and cloud entries as they are; hub entries are downloaded (room hub) into its cache, and the files of the
/// wanted subset, folder and split are named. kData, kIo, kUnsupported as the hub has it.
SourceSpec resolve_source(const DatasetAttr& attr);

}  // namespace lf
