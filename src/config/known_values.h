// Keys that are known but are no options here: may this value pass?
#pragma once
#include <string>

#include "base/yaml.h"
#include "config/known_keys.h"

namespace lf {

/// "" when the value may pass (the default of a refused key, anything of the right type for an accepted one), else what
/// is wrong.
std::string check_known_value(const KnownKey& key, const YamlNode& value);
/// Is this the key's default?
bool is_default(const KnownKey& key, const YamlNode& value);

}  // namespace lf
