// rooms: base config
// sources: src/data/dataset_info.cpp
//
// Any bytes as dataset_info.json: every entry is read or refused with an lf::Error.
#include "base/error.h"
#include "data/dataset_info.h"
#include "data/hub_files.h"
#include "data/source/remote_files.h"

namespace lf {

// What needs other rooms is not reached from a text.
std::filesystem::path hub_dataset_info(const std::string&, const HubKeys&) { return {}; }
HubSite hub_of_environment() { return HubSite::kHuggingFace; }
std::string shown_address(const std::string& uri) { return uri; }

}  // namespace lf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto info = lf::DatasetInfo::parse({reinterpret_cast<const char*>(data), size}, "data/dataset_info.json");
    for (const std::string& name : info.names()) {
      try {
        info.entry(name);
      } catch (const lf::Error&) {
      }
    }
  } catch (const lf::Error&) {
  }
  return 0;
}
