// What the program says about its commands and options. All of it is made from the command table and the option
// structs.
#pragma once
#include <string>
#include <string_view>

#include "config/run_config.h"

namespace lf {

/// The 70-column usage banner of `help`.
std::string usage_banner();
/// `train -h`: usage, then every option under its topic with default and choices, wrapped at `width` columns.
std::string options_help(std::string_view usage, ConfigKind kind, int width);
/// `train --help KEY`: everything about one key, also of those that are known but not available.
/// Empty when there is no such key.
std::string key_help(std::string_view key, ConfigKind kind);
/// All keys as JSON (an array), for tools; or the part of docs/CONFIG.md that lists what is refused and why.
std::string schema_json();
std::string schema_markdown();

}  // namespace lf
