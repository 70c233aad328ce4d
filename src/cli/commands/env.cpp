// `env`: what a bug report should say about this machine; upstream's lines plus the processor. `--json` for tools.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <sys/utsname.h>
#include <torch/version.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/json.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"

namespace lf {
namespace {

/// Value after "name :" in a /proc file, or "".
std::string proc_value(const char* file, std::string_view name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(name, 0) != 0) continue;
    const size_t colon = line.find(':');
    if (colon != std::string::npos) return std::string(trim(std::string_view(line).substr(colon + 1)));
  }
  return "";
}

std::string platform() {
  utsname names{};
  return uname(&names) == 0 ? fmt::format("{}-{}-{}", names.sysname, names.release, names.machine) : "unknown";
}

/// Names of the NVIDIA devices the driver shows; empty without one.
std::vector<std::string> gpu_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", error)) {
    names.push_back(proc_value((entry.path() / "information").c_str(), "Model"));
  }
  return names;
}

std::string memory() {
  const std::string kilobytes = proc_value("/proc/meminfo", "MemTotal");
  return human_bytes(std::strtoull(kilobytes.c_str(), nullptr, 10) * 1024);
}

Json environment() {
  Json info;
  info["`llamafactory` version"] = LF_VERSION;
  info["Platform"] = platform();
  info["PyTorch version"] = std::string(TORCH_VERSION) + (at::hasCUDA() ? " (GPU)" : "");
  const std::vector<std::string> gpus = gpu_names();
  if (at::hasCUDA() && !gpus.empty()) {
    info["GPU type"] = gpus.front();
    info["GPU number"] = gpus.size();
  }
  info["CPU"] = proc_value("/proc/cpuinfo", "model name");
  info["CPU instructions"] = at::get_cpu_capability();
  info["CPU threads"] = fmt::format("{} of {}", at::get_num_threads(), std::thread::hardware_concurrency());
  info["Memory"] = memory();
  info["Default data directory"] = std::filesystem::exists("data") ? "detected" : "not detected";
  return info;
}

int run_env(std::span<const std::string> args) {
  const bool json = args.size() == 1 && args[0] == "--json";
  LF_CHECK(kConfig, args.empty() || json, "env takes no arguments but --json");
  const Json info = environment();
  std::string text = json ? python_json(info, 1) : "";
  if (!json) {
    for (auto it = info.begin(); it != info.end(); ++it) {
      text += fmt::format("\n- {}: {}", it.key(), it->is_string() ? it->get<std::string>() : it->dump());
    }
  }
  write_fully(STDOUT_FILENO, text + (json ? "\n" : "\n\n"));
  return 0;
}

}  // namespace

extern const CommandEntry entry_env;
constinit const CommandEntry entry_env{"env", "show environment info", "env [--json]", run_env};

}  // namespace lf
