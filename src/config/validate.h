// Rules between keys, and what follows from the values given (LLaMA-Factory's checks and post-processing).
#pragma once
#include <map>
#include <string>

#include "config/problems.h"
#include "config/run_config.h"

namespace lf {

/// Positions of the keys that were given.
using GivenKeys = std::map<std::string, YamlPosition>;

/// Adds every broken rule to `problems`; a rule that names a key which already has a problem is left out.
void validate(const RunConfig& config, const GivenKeys& given, Problems& problems);
/// Fills in what follows from other values (lora_alpha, packing, cutoff_len, eval_steps, ...) and notes it in
/// config.origins.
void post_process(RunConfig& config);
/// Advice that does not stop a run, added to config.warnings.
void add_warnings(RunConfig& config);

}  // namespace lf
