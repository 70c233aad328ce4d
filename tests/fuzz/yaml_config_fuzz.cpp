// rooms: base config
// Any bytes as a configuration file: a RunConfig that writes itself and reads back, or a configuration error; never
// anything else.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "config/dump.h"
#include "config/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 1 << 16) return 0;
  const bool json = data[0] & 1;
  const lf::ConfigKind kind = data[0] & 2 ? lf::ConfigKind::kInfer : lf::ConfigKind::kTrain;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string written;
  try {
    const lf::RunConfig config = lf::parse_config_text(kind, text, json ? "f.json" : "f.yaml");
    lf::explain(config);
    written = lf::to_yaml(config);
  } catch (const lf::Error& error) {
    if (error.kind() != lf::ErrorKind::kConfig) std::abort();
    return 0;
  }
  if (lf::to_yaml(lf::parse_config_text(kind, written, "again.yaml")) != written) std::abort();
  return 0;
}
