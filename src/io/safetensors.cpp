#include "io/safetensors.h"

#include "base/error.h"
#include "base/strings.h"
#include "io/mapped_file.h"
#include "io/safetensors_dtype.h"

namespace lf {

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : path_(path), file_(std::make_shared<MappedFile>(path)) {
  file_bytes_ = file_->size();
  std::string head(std::min<uint64_t>(8, file_bytes_), '\0');
  file_->read(0, head.data(), head.size());
  std::string json(safetensors_header_length(head, file_bytes_, path.string()), '\0');
  file_->read(8, json.data(), json.size());
  header_ = parse_safetensors_header(json, file_bytes_, path.string());
  names_.reserve(header_.tensors.size());
  for (const SafetensorsEntry& tensor : header_.tensors) {
    index_.emplace(tensor.name, names_.size());
    names_.push_back(tensor.name);
  }
}

bool SafetensorsFile::contains(std::string_view name) const { return index_.count(std::string(name)) > 0; }

const SafetensorsEntry& SafetensorsFile::entry(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  LF_CHECK(kFormat, found != index_.end(), "{}: has no tensor '{}'{}", path_.string(), printable(name),
           did_you_mean(name, names_));
  return header_.tensors[found->second];
}

TensorInfo SafetensorsFile::info(std::string_view name) const {
  const SafetensorsEntry& found = entry(name);
  const auto type = scalar_type_of(found.dtype);
  LF_CHECK(kUnsupported, type.has_value(), "{}: tensor '{}' has dtype {}, which is not available", path_.string(),
           printable(name), safetensors_dtype_name(found.dtype));
  return {*type, found.shape, header_.data_start + found.begin, found.end - found.begin};
}

Tensor SafetensorsFile::tensor(std::string_view name) const {
  const TensorInfo want = info(name);
  const auto options = at::TensorOptions().dtype(want.dtype);
  char* map = file_->data();
  if (map && want.bytes > 0 && (want.offset % c10::elementSize(want.dtype)) == 0) {
    return at::from_blob(
        map + want.offset, want.shape, [file = file_](void*) {}, options);
  }
  Tensor copy = at::empty(want.shape, options);
  if (want.bytes > 0) file_->read(want.offset, copy.data_ptr(), want.bytes);
  return copy;
}

Tensor SafetensorsFile::copy(std::string_view name, c10::ScalarType dtype, c10::Device device) const {
  if (file_->data()) return TensorFile::copy(name, dtype, device);
  const TensorInfo want = info(name);
  if (device.is_cpu() && dtype == want.dtype) return tensor(name);
  Tensor out = at::empty(want.shape, at::TensorOptions().dtype(dtype).device(device));
  const Tensor target = out.view({-1});
  const auto width = static_cast<int64_t>(c10::elementSize(want.dtype));
  Tensor piece = at::empty({std::min(kPieceElements, target.numel())}, at::TensorOptions().dtype(want.dtype));
  for (int64_t at = 0; at < target.numel(); at += kPieceElements) {
    const int64_t size = std::min(kPieceElements, target.numel() - at);
    file_->read(want.offset + static_cast<uint64_t>(at * width), piece.data_ptr(), static_cast<uint64_t>(size * width));
    target.narrow(0, at, size).copy_(piece.narrow(0, 0, size));
  }
  return out;
}

}  // namespace lf
