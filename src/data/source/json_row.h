// One JSON value out of a data file, with the exact place of what is wrong. Stricter than most: depth, duplicate keys,
// UTF-8, lone surrogates, raw control characters, NaN.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"
#include "data/source/row_place.h"

namespace lf {

inline constexpr int kMaxRowDepth = 512;
inline constexpr uint64_t kMaxRowBytes = uint64_t{64} << 20;

/// The value that `text` is. kData: "data.jsonl: row 12, byte 4711: expected ',' or '}' but found ... (near: ...)".
Json parse_json_row(std::string_view text, const RowPlace& place);

}  // namespace lf
