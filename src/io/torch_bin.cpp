#include "io/torch_bin.h"

#include "base/error.h"
#include "base/strings.h"
#include "io/mapped_file.h"
#include "io/safetensors_dtype.h"

namespace lf {
namespace {

constexpr uint64_t kLargestPickle = 100'000'000;
constexpr std::string_view kPickleName = "/data.pkl";

void refuse_old_files(MappedFile& file, const std::string& where) {
  std::string head(std::min<uint64_t>(2, file.size()), '\0');
  file.read(0, head.data(), head.size());
  LF_CHECK(kUnsupported, head.empty() || head[0] != '\x80',
           "{}: was written by torch before 1.6 (a bare pickle); load it there and save it again as safetensors",
           where);
}

/// The folder within the archive that holds everything ("archive").
std::string root_of(const std::map<std::string, ZipMember>& members, const std::string& where) {
  for (const auto& [name, member] : members) {
    if (name.ends_with(kPickleName) && name.find('/') == name.size() - kPickleName.size())
      return name.substr(0, name.size() - kPickleName.size());
  }
  throw_error(ErrorKind::kFormat, "{}: is a zip archive, but not one of torch.save (it holds no data.pkl)", where);
}

bool is_contiguous(const PickledTensor& tensor) {
  int64_t expected = 1;
  for (size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

}  // namespace

TorchBinFile::TorchBinFile(const std::filesystem::path& path) : path_(path), file_(std::make_shared<MappedFile>(path)) {
  const std::string where = path.string();
  refuse_old_files(*file_, where);
  std::map<std::string, ZipMember> members;
  const ReadAt read = [&](uint64_t offset, void* out, uint64_t bytes) { file_->read(offset, out, bytes); };
  for (ZipMember& member : read_stored_zip(read, file_->size(), where)) members.emplace(member.name, member);
  const std::string root = root_of(members, where);
  if (const auto order = members.find(root + "/byteorder"); order != members.end()) {
    LF_CHECK(kUnsupported, order->second.size == 6 && read_member(order->second) == "little",
             "{}: its numbers are not in little-endian order", where);
  }
  const ZipMember& pickle = members.at(root + std::string(kPickleName));
  LF_CHECK(kFormat, pickle.size <= kLargestPickle, "{}: data.pkl has {} bytes, more than a dict of tensors needs",
           where, pickle.size);
  const std::string text = read_member(pickle);
  for (PickledTensor& tensor : read_state_dict_pickle(text, where)) add(std::move(tensor), members, root);
}

std::string TorchBinFile::read_member(const ZipMember& member) const {
  std::string bytes(member.size, '\0');
  if (member.size > 0) file_->read(member.offset, bytes.data(), member.size);
  return bytes;
}

void TorchBinFile::add(PickledTensor tensor, const std::map<std::string, ZipMember>& members, const std::string& root) {
  const std::string where = path_.string();
  const auto dtype = scalar_type_of(tensor.dtype);
  LF_ASSERT(dtype.has_value());
  const auto found = members.find(root + "/data/" + tensor.storage);
  LF_CHECK(kFormat, found != members.end(), "{}: the data of tensor '{}' are missing", where, printable(tensor.name));
  const uint64_t width = c10::elementSize(*dtype);
  uint64_t bytes = 0;
  const bool fits = !__builtin_mul_overflow(tensor.storage_elements, width, &bytes) && bytes <= found->second.size;
  LF_CHECK(kFormat, fits, "{}: the data of tensor '{}' have {} bytes where {} elements of {} bytes were needed", where,
           printable(tensor.name), found->second.size, tensor.storage_elements, width);
  index_.emplace(tensor.name, entries_.size());
  names_.push_back(tensor.name);
  entries_.push_back({std::move(tensor), *dtype, found->second.offset});
}

const TorchBinFile::Entry& TorchBinFile::entry(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  LF_CHECK(kFormat, found != index_.end(), "{}: has no tensor '{}'{}", path_.string(), printable(name),
           did_you_mean(name, names_));
  return entries_[found->second];
}

TensorInfo TorchBinFile::info(std::string_view name) const {
  const Entry& found = entry(name);
  uint64_t bytes = c10::elementSize(found.dtype);
  for (int64_t size : found.tensor.shape) bytes *= static_cast<uint64_t>(size);
  return {found.dtype, found.tensor.shape, found.start + found.tensor.offset * c10::elementSize(found.dtype), bytes};
}

Tensor TorchBinFile::tensor(std::string_view name) const {
  const Entry& found = entry(name);
  const TensorInfo want = info(name);
  const auto options = at::TensorOptions().dtype(want.dtype);
  if (want.bytes == 0) return at::empty(want.shape, options);
  char* map = file_->data();
  const uint64_t width = c10::elementSize(want.dtype);
  if (map && want.offset % width == 0) {
    const Tensor view = at::from_blob(
        map + want.offset, want.shape, found.tensor.strides, [file = file_](void*) {}, options);
    return is_contiguous(found.tensor) ? view : view.contiguous();
  }
  Tensor out = at::empty(want.shape, options);
  if (is_contiguous(found.tensor)) {
    file_->read(want.offset, out.data_ptr(), want.bytes);
    return out;
  }
  const auto elements = static_cast<int64_t>(found.tensor.storage_elements - found.tensor.offset);
  const Tensor storage = at::empty({elements}, options);
  file_->read(want.offset, storage.data_ptr(), static_cast<uint64_t>(elements) * width);
  return out.copy_(storage.as_strided(want.shape, found.tensor.strides));
}

}  // namespace lf
