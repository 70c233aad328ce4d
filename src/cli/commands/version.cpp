// `version`: the banner upstream prints, 58 columns wide.
#include <unistd.h>

#include "base/error.h"
#include "base/terminal.h"
#include "cli/command.h"

namespace lf {
namespace {

int run_version(std::span<const std::string>) {
  const std::string rule(58, '-');
  const std::string title = fmt::format("Welcome to LLaMA Factory, version {}", LF_VERSION);
  write_fully(STDOUT_FILENO, fmt::format("{}\n| {:<54} |\n| {:<54} |\n| {:<54} |\n{}\n", rule, title, "",
                                         "Native edition in C++; configuration files unchanged", rule));
  return 0;
}

}  // namespace

extern const CommandEntry entry_version;
constinit const CommandEntry entry_version{"version", "show version info", "version", run_version};

}  // namespace lf
