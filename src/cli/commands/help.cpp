// `help`: the commands, or the options of one of them.
#include <unistd.h>

#include "base/registry.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/help_text.h"

namespace lf {
namespace {

int run_help(std::span<const std::string> args) {
  if (args.empty()) {
    write_fully(STDOUT_FILENO, usage_banner());
    return 0;
  }
  const CommandEntry& command = require_entry(all_commands(), args[0], "command");
  if (command.name == "train") {
    write_fully(STDOUT_FILENO, options_help(command.usage, ConfigKind::kTrain, terminal_width(STDOUT_FILENO, 120)));
  } else if (command.name == "chat" || command.name == "export") {
    write_fully(STDOUT_FILENO, options_help(command.usage, ConfigKind::kInfer, terminal_width(STDOUT_FILENO, 120)));
  } else {
    write_fully(STDOUT_FILENO, fmt::format("usage: llamafactory-cli {}\n{}\n", command.usage, command.help));
  }
  return 0;
}

}  // namespace

extern const CommandEntry entry_help;
constinit const CommandEntry entry_help{"help", "show this text", "help [COMMAND]", run_help};

}  // namespace lf
