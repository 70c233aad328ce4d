// What every command that takes a configuration does first: answer -h/--help, else parse, and log the warnings.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/run_config.h"

namespace lf {

/// `command` is the registered name. Empty when help was asked for and printed (`-h`, `--help`, `--help KEY`); the
/// command then returns 0. kConfig, naming every problem, when the configuration cannot be used.
std::optional<RunConfig> parse_or_help(std::string_view command, ConfigKind kind, std::span<const std::string> args);

}  // namespace lf
