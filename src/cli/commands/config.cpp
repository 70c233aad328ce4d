// `config check | explain | show | schema`: a configuration without running it.
#include <unistd.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/help_text.h"
#include "config/dump.h"
#include "config/parse.h"

namespace lf {
namespace {

constexpr std::string_view kUsage =
    "config check|explain|show FILE [--for train|chat|export] [key=value ...], or config schema [--json]";

constexpr std::string_view kHelp =
    "usage: llamafactory-cli config check FILE [key=value ...]    every problem of a configuration at once\n"
    "       llamafactory-cli config explain FILE [key=value ...]  each value, and where it comes from\n"
    "       llamafactory-cli config show FILE [key=value ...]     the resolved configuration as YAML\n"
    "       llamafactory-cli config schema [--json]               all keys with types, defaults and choices\n"
    "  --for train|chat|export   what the file is for; without it the file decides\n";

bool asks_for_help(std::span<const std::string> args) {
  return std::any_of(args.begin(), args.end(), [](const auto& a) { return a == "-h" || a == "--help" || a == "help"; });
}

/// Takes `--for COMMAND` out of the arguments; without it the file decides.
ConfigKind take_kind(std::vector<std::string>& args) {
  const auto found = std::find(args.begin(), args.end(), "--for");
  if (found == args.end()) return detect_config_kind(args);
  LF_CHECK(kConfig, found + 1 != args.end(), "--for needs train, chat or export");
  const std::string command = *(found + 1);
  LF_CHECK(kConfig, command == "train" || command == "chat" || command == "export",
           "--for must be train, chat or export but is '{}'", printable(command, 40));
  args.erase(found, found + 2);
  return command == "train" ? ConfigKind::kTrain : ConfigKind::kInfer;
}

std::string checked(const RunConfig& config) {
  std::string text;
  for (const std::string& warning : config.warnings) text += "warning: " + warning + "\n";
  const auto given = std::count_if(config.origins.begin(), config.origins.end(),
                                   [](const auto& origin) { return !origin.second.starts_with("from "); });
  const std::string where = config.config_file.empty() ? "command line" : config.config_file.string();
  return text + fmt::format("{}: no problems ({} keys given)\n", where, given);
}

int run_config(std::span<const std::string> args) {
  LF_CHECK(kConfig, !args.empty(), "usage: llamafactory-cli {}", kUsage);
  const std::string& action = args[0];
  std::string text;
  if (asks_for_help(args)) {
    text = kHelp;
  } else if (action == "schema") {
    const bool json = args.size() == 2 && args[1] == "--json";
    LF_CHECK(kConfig, args.size() == 1 || json, "config schema takes no arguments but --json");
    text = json ? schema_json() : schema_markdown();
  } else {
    const bool known = action == "check" || action == "explain" || action == "show";
    LF_CHECK(kConfig, known, "'{}' is not known{}\nusage: llamafactory-cli {}", printable(action, 40),
             did_you_mean(action, {"check", "explain", "show", "schema"}), kUsage);
    LF_CHECK(kConfig, args.size() > 1, "which file?\nusage: llamafactory-cli {}", kUsage);
    std::vector<std::string> rest(args.begin() + 1, args.end());
    const ConfigKind kind = take_kind(rest);
    const RunConfig config = parse_run_config(kind, rest);
    text = action == "check" ? checked(config) : action == "show" ? to_yaml(config) : explain(config);
  }
  write_fully(STDOUT_FILENO, text);
  return 0;
}

}  // namespace

extern const CommandEntry entry_config;
constinit const CommandEntry entry_config{"config", "check or explain a configuration", kUsage, run_config};

}  // namespace lf
