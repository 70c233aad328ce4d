// rooms: base
// sources: src/io/stored_zip.cpp src/io/state_dict_pickle.cpp src/io/restricted_pickle.cpp
//
// Any bytes as pytorch_model.bin: refused as kFormat or kUnsupported, or members inside the file
// and tensors inside their storages.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/error.h"
#include "io/state_dict_pickle.h"
#include "io/stored_zip.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const lf::PickledTensor& tensor) {
  require(tensor.shape.size() == tensor.strides.size());
  uint64_t last = tensor.offset, elements = 1;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    require(tensor.shape[i] >= 0 && tensor.strides[i] >= 0);
    elements *= static_cast<uint64_t>(tensor.shape[i]);
    if (tensor.shape[i] > 0)
      last += static_cast<uint64_t>(tensor.shape[i] - 1) * static_cast<uint64_t>(tensor.strides[i]);
  }
  if (elements > 0) require(last < tensor.storage_elements && elements <= tensor.storage_elements);
}

void read_pickle(std::string_view pickle) {
  try {
    for (const lf::PickledTensor& tensor : lf::read_state_dict_pickle(pickle, "fuzz")) check(tensor);
  } catch (const lf::Error& error) {
    require(error.kind() == lf::ErrorKind::kFormat || error.kind() == lf::ErrorKind::kUnsupported);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const lf::ReadAt read = [&](uint64_t offset, void* out, uint64_t bytes) {
    require(offset <= size && bytes <= size - offset);
    std::memcpy(out, file.data() + offset, bytes);
  };
  try {
    for (const lf::ZipMember& member : lf::read_stored_zip(read, size, "fuzz")) {
      require(member.offset <= size && member.size <= size - member.offset);
      read_pickle(file.substr(member.offset, member.size));
    }
  } catch (const lf::Error& error) {
    require(error.kind() == lf::ErrorKind::kFormat || error.kind() == lf::ErrorKind::kUnsupported);
  }
  read_pickle(file);
  return 0;
}
