// Lets Python tests use our safetensors reader and writer: `safetensors_probe check FILE...` prints "ok" or the refusal
// of each; `safetensors_probe rewrite IN OUT` reads and writes; `safetensors_probe list FILE` prints name, dtype, shape
// and hash of each tensor.
#include <cstdio>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "checkpoint/manifest.h"
#include "io/safetensors.h"
#include "io/safetensors_writer.h"

namespace {

std::vector<lf::NamedTensor> read_all(const lf::SafetensorsFile& file) {
  std::vector<lf::NamedTensor> tensors;
  for (const std::string& name : file.names()) tensors.emplace_back(name, file.tensor(name));
  return tensors;
}

void list(const lf::SafetensorsFile& file) {
  for (const auto& [name, tensor] : read_all(file)) {
    const std::string_view bytes(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
    lf::Json row = {{"name", name},
                    {"dtype", c10::toString(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"sha256", lf::sha256_hex(tensor.numel() > 0 ? bytes : std::string_view())}};
    std::printf("%s\n", row.dump().c_str());
  }
}

/// One line for each file, so that many are judged by one process.
void check(const std::string& path) {
  try {
    lf::SafetensorsFile file(path);
    for (const std::string& name : file.names()) file.tensor(name);
    std::printf("ok\n");
  } catch (const lf::Error& error) {
    std::printf("%s: %s\n", lf::kind_name(error.kind()), lf::printable(error.what(), 1000).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) return 64;
  try {
    if (arguments[0] == "check") {
      for (size_t i = 1; i < arguments.size(); ++i) check(arguments[i]);
      return 0;
    }
    lf::SafetensorsFile file(arguments[1]);
    if (arguments[0] == "list") list(file);
    if (arguments[0] == "rewrite") lf::write_safetensors(arguments.at(2), read_all(file), file.metadata());
  } catch (const lf::Error& error) {
    std::printf("%s: %s\n", lf::kind_name(error.kind()), error.what());
    return 1;
  }
  return 0;
}
