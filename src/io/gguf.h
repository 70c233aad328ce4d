// Writing GGUF files (version 3, little endian): llama.cpp's container of one model: metadata, tensor list, tensor
// data. Format: ggml's docs/gguf.md.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/atomic_file.h"
#include "tensor/tensor.h"

namespace lf {

/// How elements are stored; the numbers are ggml's type ids.
enum class GgufType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ8_0 = 8,  // blocks of 32: a float16 scale d = max|x| / 127, then 32 int8 round(x / d)
  kBF16 = 30,
};
/// "F32", "F16", "Q8_0", "BF16".
const char* gguf_type_name(GgufType type);

using GgufValue = std::variant<uint32_t, int32_t, float, bool, std::string, std::vector<std::string>,
                               std::vector<int32_t>, std::vector<float>>;
using GgufMetadata = std::vector<std::pair<std::string, GgufValue>>;

struct GgufTensor {
  std::string name;
  Tensor data;  // any floating dtype and device; its sizes are written in reverse, as ggml counts dimensions
  GgufType type = GgufType::kF32;
  /// Applied to `data` when it is written, so that changed copies do not pile up; keeps the sizes. May be empty.
  std::function<Tensor(const Tensor&)> change;
};

/// True when rows of `tensor` (its last dimension) can be stored as `type`.
bool fits_gguf_type(const Tensor& tensor, GgufType type);
/// Bytes that `tensor` takes as `type`, without padding.
uint64_t gguf_bytes(const Tensor& tensor, GgufType type);
/// The elements of `tensor` as stored.
std::string encode_gguf(const Tensor& tensor, GgufType type);

/// Writes a whole file. kFormat: two tensors or keys of one name, a name that is empty or above 63 bytes, more than 4
/// dimensions, rows that do not fit the type.
void write_gguf(DurableFile& file, const GgufMetadata& metadata, std::span<const GgufTensor> tensors);

}  // namespace lf
