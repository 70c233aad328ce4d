// One JSON value out of a data file, with the exact place of what is wrong. Stricter than most: depth, duplicate keys,
// UTF-8, lone surrogates, raw control characters, NaN.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"

namespace lf {

inline constexpr int kMaxRowDepth = 512;
inline constexpr uint64_t kMaxRowBytes = uint64_t{64} << 20;

/// Where a row stands: named in every error.
struct RowPlace {
  std::string_view file;
  uint64_t number = 1;  // of the line, or of the element of the array; from 1
  uint64_t offset = 0;  // of the row's first byte in the file
};

/// "data.json: row 12" - for messages about what a row says.
std::string describe(const RowPlace& place);

/// The value that `text` is. kData: "data.jsonl: row 12, byte 4711: expected ',' or '}' but found ... (near: ...)".
Json parse_json_row(std::string_view text, const RowPlace& place);

}  // namespace lf
