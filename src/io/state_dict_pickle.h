// What a pickled state dict says about its tensors (io/restricted_pickle.h reads the pickle; nothing in it is run).
// Torch-free, so that it can be fuzzed alone.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors_header.h"

namespace lf {

/// A tensor as a window of a storage, which is a member of the archive that holds the pickle.
struct PickledTensor {
  std::string name;
  std::string storage;  // "0", "1", ...
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  uint64_t storage_elements = 0;
  uint64_t offset = 0;  // in elements, like the strides
  std::vector<int64_t> shape, strides;
};

/// The tensors of a dict str -> tensor, in its order. kUnsupported for opcodes and names that are not among those of
/// tensors, and for dicts that hold something else; kFormat for broken pickles, names given twice, and tensors that
/// reach beyond their storage.
std::vector<PickledTensor> read_state_dict_pickle(std::string_view pickle, const std::string& where);

}  // namespace lf
