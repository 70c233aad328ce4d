// Commands of the program: one file in commands/ = one command (src/cli/commands/<name>.cpp defines entry_<name>).
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace lf {

struct CommandEntry {
  std::string_view name;
  std::string_view help;   // one line for `help`
  std::string_view usage;  // after the program's name: "chat CONFIG.yaml [key=value ...]"
  int (*run)(std::span<const std::string>
                 args);  // args: what follows the command's name; returns the exit status, throws lf::Error
};
std::span<const CommandEntry* const> all_commands();

}  // namespace lf
