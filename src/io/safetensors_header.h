// The header of a safetensors file, parsed strictly and without torch (so that it can be fuzzed alone).
// Layout: u64 little-endian length, that many bytes of JSON, then the data of all tensors without holes.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lf {

/// Element types of the format, in the order in which the reference library sorts them.
enum class SafetensorsDtype {
  kBool,
  kF4,
  kF6E2M3,
  kF6E3M2,
  kU8,
  kI8,
  kF8E5M2,
  kF8E4M3,
  kF8E8M0,
  kF8E4M3Fnuz,
  kF8E5M2Fnuz,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kC64,
  kF64,
  kI64,
  kU64,
};

/// "F32", "BF16", ...
std::string_view safetensors_dtype_name(SafetensorsDtype dtype);
std::optional<SafetensorsDtype> safetensors_dtype_from_name(std::string_view name);
int safetensors_dtype_bits(SafetensorsDtype dtype);

struct SafetensorsEntry {
  std::string name;
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // relative to the start of the data
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> tensors;  // by offset: contiguous, from 0 to the end of the file
  std::map<std::string, std::string> metadata;
  uint64_t data_start = 0;  // 8 + header length
};

constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

/// Length of the JSON header, from the first 8 bytes of a file of `file_size` bytes. kFormat when it cannot be.
uint64_t safetensors_header_length(std::string_view first_8, uint64_t file_size, std::string_view where);
/// `json`: the header text; `where` names the file in errors (kFormat). Refused: anything but one object of tensors and
/// string metadata, duplicate names or fields, empty names, floats and negative numbers, unknown dtypes, sizes that are
/// not shape times dtype, holes, overlaps, and data that do not end with the file.
SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t file_size, std::string_view where);
/// 8 length bytes and padded JSON for `tensors` in the given order (names and offsets as they stand in the entries).
std::string format_safetensors_header(const std::vector<SafetensorsEntry>& tensors,
                                      const std::map<std::string, std::string>& metadata);

}  // namespace lf
