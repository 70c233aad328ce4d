#include "cli/arguments.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/error.h"
#include "base/log.h"
#include "base/registry.h"
#include "base/terminal.h"
#include "cli/command.h"
#include "cli/help_text.h"
#include "config/known_keys.h"
#include "config/parse.h"

namespace lf {
namespace {

void print(const std::string& text) { write_fully(STDOUT_FILENO, text); }

void print_key_help(const std::string& name, ConfigKind kind) {
  const std::string key = replace_all(name.rfind("--", 0) == 0 ? name.substr(2) : name, "-", "_");
  const std::string text = key_help(key, kind);
  if (!text.empty()) return print(text);
  std::vector<std::string> names;
  for (const KnownKey* known : all_known_keys()) names.emplace_back(known->name);
  throw_error(ErrorKind::kConfig, "{} is not a key{}", printable(key, 60), did_you_mean(key, names));
}

}  // namespace

std::optional<RunConfig> parse_or_help(std::string_view command, ConfigKind kind, std::span<const std::string> args) {
  const std::string_view usage = require_entry(all_commands(), command, "command").usage;
  const auto asked =
      std::find_if(args.begin(), args.end(), [](const std::string& a) { return a == "-h" || a == "--help"; });
  if (asked != args.end()) {
    if (asked + 1 != args.end())
      print_key_help(*(asked + 1), kind);
    else
      print(options_help(usage, kind, terminal_width(STDOUT_FILENO, 120)));
    return std::nullopt;
  }
  LF_CHECK(kConfig, !args.empty(),
           "no configuration is given\nusage: llamafactory-cli {}\n`llamafactory-cli {} -h` lists the options", usage,
           command);
  RunConfig config = parse_run_config(kind, args);
  for (const std::string& warning : config.warnings) log_warn("config", "{}", warning);
  return config;
}

}  // namespace lf
