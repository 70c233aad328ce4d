// Reads the safetensors files of golden data and fixtures (trusted) in test binaries of rooms that do not link io/.
#pragma once
#include <ATen/ATen.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

#include "base/json.h"

namespace lf::testing {

inline at::ScalarType golden_dtype(const std::string& name) {
  static const std::map<std::string, at::ScalarType> kTypes{
      {"F32", at::kFloat}, {"F64", at::kDouble}, {"BF16", at::kBFloat16}, {"F16", at::kHalf}, {"I64", at::kLong},
      {"I32", at::kInt},   {"U8", at::kByte},    {"BOOL", at::kBool},     {"I8", at::kChar}};
  return kTypes.at(name);
}

inline std::map<std::string, at::Tensor> golden_tensors(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), 8);
  const Json header = parse_json(std::string_view(bytes).substr(8, header_bytes), path.string());
  std::map<std::string, at::Tensor> out;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    at::Tensor tensor = at::empty(entry["shape"].get<std::vector<int64_t>>(), golden_dtype(entry["dtype"]));
    const uint64_t begin = entry["data_offsets"][0], end = entry["data_offsets"][1];
    if (end > begin) std::memcpy(tensor.data_ptr(), bytes.data() + 8 + header_bytes + begin, end - begin);
    out.emplace(name, tensor);
  }
  return out;
}

}  // namespace lf::testing
