// `${key}`, `${key.inner}`, `${oc.env:NAME}` and `${oc.env:NAME,default}` in configuration values (OmegaConf's syntax).
#pragma once
#include <map>
#include <string>

#include "base/yaml.h"
#include "config/problems.h"

namespace lf {

/// Resolves all interpolations of `root` (a mapping) in place. A value that is one `${...}` takes over the type of what
/// it names; inside a longer text the words are put in. `\${` stays as `${`. Unknown names, missing variables and
/// cycles are added to `problems` under the top-level key. Returns, for each top-level key that used any, the
/// environment variables it read ("HOME, USER").
std::map<std::string, std::string> interpolate(YamlNode& root, Problems& problems);

}  // namespace lf
