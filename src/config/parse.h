// From command line arguments to a RunConfig: a YAML or JSON file with overrides, flags, or both.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "config/run_config.h"

namespace lf {

/// args: `FILE.yaml|.yml|.json [key=value | --key value | --key=value | --flag ...]`, or flags alone.
/// Later arguments win over earlier ones and all of them over the file. The result is checked and post-processed
/// (config/validate.h). kConfig with every problem on a line of its own ("train.yaml:12:3: ..."), kIo when the file
/// cannot be read.
RunConfig parse_run_config(ConfigKind kind, std::span<const std::string> args);

/// The same for YAML text; `where` stands for the file name in messages.
RunConfig parse_config_text(ConfigKind kind, std::string_view text, std::string_view where,
                            std::span<const std::string> args = {});

/// Infer when the arguments name a model but no dataset and no key that only training takes, else train. Never
/// throws lf::Error.
ConfigKind detect_config_kind(std::span<const std::string> args);

}  // namespace lf
