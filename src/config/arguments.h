// Command line arguments laid over a configuration tree: `key=value`, `a.b=c`, `--key value`, `--key=value`, `--flag`,
// `--no_flag`.
#pragma once
#include <span>
#include <string>

#include "config/problems.h"
#include "config/run_config.h"

namespace lf {

/// Values of `key=value` are YAML; values of flags are text as it stands. Later ones win. The nodes get line 0.
void apply_arguments(ConfigKind kind, std::span<const std::string> args, YamlNode& root, Problems& problems);

}  // namespace lf
