// A RunConfig as text: the resolved configuration beside the output, and where each value came from.
#pragma once
#include <string>

#include "config/run_config.h"

namespace lf {

/// The configuration as YAML under topic headings, every option with its value. It reads back to the same run; secrets
/// are masked.
std::string to_yaml(const RunConfig& config);
/// One line for each option: `key: value  # origin`, by topic; origin is a file position, the command line, the
/// environment, what it was derived from, or "default".
std::string explain(const RunConfig& config);

}  // namespace lf
