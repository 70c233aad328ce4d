#include "io/gguf.h"

#include <cstring>
#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace lf {
namespace {

constexpr uint64_t kAlignment = 32;
constexpr size_t kLongestName = 63;  // GGML_MAX_NAME with its end
enum : uint32_t { kUint32 = 4, kInt32 = 5, kFloat32 = 6, kBool = 7, kString = 8, kArray = 9 };

uint64_t padded(uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// Little-endian bytes; the machines libtorch runs on are.
class Bytes {
 public:
  template <class T>
  void number(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void string(std::string_view value) {
    number<uint64_t>(value.size());
    text_ += value;
  }
  void value(const GgufValue& value) {
    std::visit([this](const auto& held) { put(held); }, value);
  }
  void pad() { text_.resize(padded(text_.size()), '\0'); }
  const std::string& text() const { return text_; }

 private:
  void put(uint32_t value) { number<uint32_t>(kUint32), number(value); }
  void put(int32_t value) { number<uint32_t>(kInt32), number(value); }
  void put(float value) { number<uint32_t>(kFloat32), number(value); }
  void put(bool value) { number<uint32_t>(kBool), number<uint8_t>(value); }
  void put(const std::string& value) { number<uint32_t>(kString), string(value); }
  void array(uint32_t type, size_t size) { number<uint32_t>(kArray), number(type), number<uint64_t>(size); }
  void put(const std::vector<std::string>& values) {
    array(kString, values.size());
    for (const std::string& value : values) string(value);
  }
  void put(const std::vector<int32_t>& values) {
    array(kInt32, values.size());
    for (const int32_t value : values) number(value);
  }
  void put(const std::vector<float>& values) {
    array(kFloat32, values.size());
    for (const float value : values) number(value);
  }

  std::string text_;
};

void check(const std::string& where, const GgufMetadata& metadata, std::span<const GgufTensor> tensors) {
  std::set<std::string_view> keys, names;
  for (const auto& [key, value] : metadata) {
    LF_CHECK(kFormat, !key.empty() && keys.insert(key).second, "{}: the metadata key '{}' is empty or given twice",
             where, printable(key));
  }
  for (const GgufTensor& tensor : tensors) {
    const std::string name = printable(tensor.name);
    LF_CHECK(kFormat, !tensor.name.empty() && tensor.name.size() <= kLongestName,
             "{}: '{}' cannot be a tensor name in GGUF (1 to {} bytes)", where, name, kLongestName);
    LF_CHECK(kFormat, names.insert(tensor.name).second, "{}: two tensors are called '{}'", where, name);
    LF_CHECK(kFormat, tensor.data.dim() >= 1 && tensor.data.dim() <= 4,
             "{}: tensor '{}' has {} dimensions; GGUF takes 1 to 4", where, name, tensor.data.dim());
    LF_CHECK(kFormat, fits_gguf_type(tensor.data, tensor.type), "{}: tensor '{}': rows of {} elements cannot be {}",
             where, name, tensor.data.size(-1), gguf_type_name(tensor.type));
  }
}

std::string header(const GgufMetadata& metadata, std::span<const GgufTensor> tensors) {
  Bytes out;
  out.number<uint32_t>(0x46554747);  // "GGUF"
  out.number<uint32_t>(3);
  out.number<uint64_t>(tensors.size());
  out.number<uint64_t>(metadata.size());
  for (const auto& [key, value] : metadata) {
    out.string(key);
    out.value(value);
  }
  uint64_t offset = 0;
  for (const GgufTensor& tensor : tensors) {
    out.string(tensor.name);
    out.number<uint32_t>(static_cast<uint32_t>(tensor.data.dim()));
    for (int64_t i = tensor.data.dim() - 1; i >= 0; --i)
      out.number<uint64_t>(static_cast<uint64_t>(tensor.data.size(i)));
    out.number<uint32_t>(static_cast<uint32_t>(tensor.type));
    out.number<uint64_t>(offset);
    offset += padded(gguf_bytes(tensor.data, tensor.type));
  }
  out.pad();
  return out.text();
}

/// Rows are encoded in parts of about 16 MB, so that a large embedding needs no second copy of itself.
void write_data(DurableFile& file, const GgufTensor& tensor) {
  const Tensor data = tensor.change ? tensor.change(tensor.data) : tensor.data;
  LF_ASSERT(data.sizes() == tensor.data.sizes());
  const Tensor rows = data.reshape({-1, data.size(-1)});
  const int64_t step = std::max<int64_t>(1, (int64_t{4} << 20) / std::max<int64_t>(1, rows.size(1)));
  for (int64_t at = 0; at < rows.size(0); at += step) {
    file.write(encode_gguf(rows.narrow(0, at, std::min(step, rows.size(0) - at)), tensor.type));
  }
  const uint64_t bytes = gguf_bytes(tensor.data, tensor.type);
  file.write(std::string(padded(bytes) - bytes, '\0'));
}

}  // namespace

void write_gguf(DurableFile& file, const GgufMetadata& metadata, std::span<const GgufTensor> tensors) {
  check(file.path().string(), metadata, tensors);
  const std::string head = header(metadata, tensors);
  uint64_t total = head.size();
  for (const GgufTensor& tensor : tensors) total += padded(gguf_bytes(tensor.data, tensor.type));
  file.expect(total);
  file.write(head);
  for (const GgufTensor& tensor : tensors) write_data(file, tensor);
}

}  // namespace lf
