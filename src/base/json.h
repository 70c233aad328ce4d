// JSON with the guards that files from strangers need: depth limit, duplicate keys, positions in messages.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lf {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  int max_depth = 128;
  bool allow_duplicate_keys = false;
};

/// Parses `text`; `where` names it in errors (kFormat): "config.json:3:17: expected ',' but found '}'  near: ...".
Json parse_json(std::string_view text, std::string_view where, const JsonLimits& limits = {});
/// Reads and parses a file; kIo when it cannot be read (names the path), kFormat when it is not JSON.
Json read_json(const std::filesystem::path& path, const JsonLimits& limits = {});

/// Python's json.dumps(value, ensure_ascii=False, indent=indent): ", " and ": " separators when indent < 0, floats as
/// repr().
std::string python_json(const Json& value, int indent = -1);
/// Shortest text that reads back as the same double, in Python's repr() form: 1e-05, 0.0, 5.0, nan.
std::string python_float(double value);

}  // namespace lf
