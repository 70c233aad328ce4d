#include "train/report/environment.h"

#include <fmt/format.h>
#include <torch/version.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "base/strings.h"

namespace lf {

std::string host_name() {
  char text[256] = {};
  if (::gethostname(text, sizeof text - 1) != 0 || text[0] == '\0') return "localhost";
  std::string name;
  for (const char* c = text; *c; ++c) {
    const auto byte = static_cast<unsigned char>(*c);
    name += byte <= 0x20 || byte == 0x7F || *c == '/' || *c == '\\' ? '_' : *c;
  }
  return name;
}

std::string program_version() { return LF_VERSION; }

std::string libtorch_version() { return TORCH_VERSION; }

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(':');
    if (line.starts_with("model name") && colon != std::string::npos) return printable(trim(line.substr(colon + 1)));
  }
  return "";
}

std::vector<std::pair<std::string, std::string>> framework_versions() {
  return {{"LLaMA-Factory (native C++)", program_version()}, {"Libtorch", libtorch_version()}};
}

std::string environment_summary() {
  const std::string cpu = cpu_name();
  return fmt::format("{}: {} hardware threads{}, llamafactory {} with libtorch {}", host_name(),
                     std::thread::hardware_concurrency(), cpu.empty() ? "" : " of " + cpu, program_version(),
                     libtorch_version());
}

}  // namespace lf
