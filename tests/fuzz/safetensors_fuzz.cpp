// sources: src/io/safetensors_header.cpp src/base/error.cpp src/base/strings.cpp
// Any bytes as a safetensors file: refused with kFormat, or a header whose tensors lie inside the file, without holes,
// and which reads back the same after writing.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "io/safetensors_header.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const lf::SafetensorsHeader& header, uint64_t file_size) {
  uint64_t at = 0;
  for (const lf::SafetensorsEntry& tensor : header.tensors) {
    require(tensor.begin == at && tensor.end >= tensor.begin && !tensor.name.empty());
    uint64_t count = 1;
    for (const int64_t size : tensor.shape) {
      require(size >= 0);
      count *= static_cast<uint64_t>(size);
    }
    require(count * static_cast<uint64_t>(lf::safetensors_dtype_bits(tensor.dtype)) == 8 * (tensor.end - tensor.begin));
    at = tensor.end;
  }
  require(header.data_start + at == file_size);
}

void check_round_trip(const lf::SafetensorsHeader& header) {
  const std::string bytes = lf::format_safetensors_header(header.tensors, header.metadata);
  const uint64_t data = header.tensors.empty() ? 0 : header.tensors.back().end;
  const uint64_t size = bytes.size() + data;
  const uint64_t length = lf::safetensors_header_length(bytes, size, "again");
  const lf::SafetensorsHeader again =
      lf::parse_safetensors_header(std::string_view(bytes).substr(8, length), size, "again");
  require(again.metadata == header.metadata && again.tensors.size() == header.tensors.size());
  for (size_t i = 0; i < again.tensors.size(); ++i) {
    require(again.tensors[i].name == header.tensors[i].name && again.tensors[i].shape == header.tensors[i].shape);
  }
}

void parse(std::string_view json, uint64_t file_size) {
  try {
    const lf::SafetensorsHeader header = lf::parse_safetensors_header(json, file_size, "fuzz");
    check(header, file_size);
    check_round_trip(header);
  } catch (const lf::Error& error) {
    require(error.kind() == lf::ErrorKind::kFormat);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  try {
    const uint64_t length = lf::safetensors_header_length(file, size, "fuzz");
    parse(file.substr(8, length), size);
  } catch (const lf::Error& error) {
    require(error.kind() == lf::ErrorKind::kFormat);
  }
  // The same bytes as a bare header over as much data as its first bytes say, so that the JSON is reached without a
  // valid length.
  parse(file, 8 + size + (size > 0 ? data[size - 1] : 0));
  return 0;
}
