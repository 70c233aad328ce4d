// YAML 1.1 with the guards that files from strangers need. yaml-cpp gives the events; the tree, the scalar types, the
// limits and the positions are ours: no tags, no duplicate keys, aliases copied under a node budget (so no cycles and
// no bombs).
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

struct YamlPosition {
  size_t line = 0;  // 1-based; 0 = unknown
  size_t column = 0;
};

struct YamlKey {
  std::string name;
  YamlPosition at;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  Kind kind = Kind::kNull;
  std::string text;     // scalars: the text after quotes and folding
  bool quoted = false;  // scalars: written in quotes or as a block, so always a string
  YamlPosition at;
  std::vector<YamlKey> keys;    // mappings; parallel to items
  std::vector<YamlNode> items;  // values of a mapping or sequence

  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_mapping() const { return kind == Kind::kMapping; }
  bool is_sequence() const { return kind == Kind::kSequence; }
  /// Value of `key`, or null.
  const YamlNode* find(std::string_view key) const;
  YamlNode* find(std::string_view key);
};

struct YamlLimits {
  size_t max_bytes = size_t{4} << 20;
  size_t max_nodes = 100000;
  int max_depth = 64;
};

struct YamlProblem {
  YamlPosition at;
  std::string message;
};

/// Parses one document. Syntax errors throw kFormat "where:line:col: ...". Duplicate keys and tags are added to
/// `problems` when given (the first of two equal keys stays), else they throw too.
YamlNode parse_yaml(std::string_view text, std::string_view where, std::vector<YamlProblem>* problems = nullptr,
                    const YamlLimits& limits = {});
/// Reads and parses a file; kIo when it cannot be read.
YamlNode read_yaml(const std::filesystem::path& path, const YamlLimits& limits = {});

enum class ScalarType { kNull, kBool, kInt, kFloat, kString };

struct ScalarValue {
  ScalarType type = ScalarType::kString;
  bool boolean = false;
  int64_t integer = 0;
  double number = 0;  // also set for integers
};

/// What a plain (unquoted) scalar means in YAML 1.1 as OmegaConf reads it: yes/no/on/off are booleans, 1e-4 is a float,
/// 0x10, 0o17 and 017 are integers, ~ and null are null. Integers beyond 64 bits are floats.
ScalarValue resolve_scalar(std::string_view plain);
/// The same for a node: quoted scalars are strings, nulls null. Sequences and mappings are strings of no use.
ScalarValue resolve_scalar(const YamlNode& node);
/// `text` as a YAML scalar that reads back as the same string: in double quotes where that is needed.
std::string yaml_quote(std::string_view text);

/// Offset of the first byte that is not valid UTF-8, or npos.
size_t invalid_utf8(std::string_view text);

}  // namespace lf
