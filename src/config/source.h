// A configuration file as a tree with positions: YAML or JSON, chosen by the extension.
#pragma once
#include <string>
#include <string_view>

#include "base/yaml.h"
#include "config/problems.h"

namespace lf {

/// Does the argument name a configuration file (.yaml, .yml, .json)?
bool is_config_file(std::string_view argument);

/// The top-level mapping of YAML text. What is wrong goes to `problems` (with the line the user has to change, where
/// yaml-cpp only knows where it gave up); an empty mapping comes back then.
YamlNode parse_yaml_source(std::string_view text, std::string_view where, Problems& problems);
/// The same for JSON. Values keep their JSON types; top-level keys keep their positions.
YamlNode parse_json_source(std::string_view text, std::string_view where, Problems& problems);

}  // namespace lf
