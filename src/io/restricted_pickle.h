// The part of Python's pickle language that torch.save needs for tensors in dicts. A pickle is a program: opcodes and
// names outside that part are refused, and the few calls inside it only note what they would make. Nothing is ever run.
// Torch-free, so that it can be fuzzed alone.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors_header.h"

namespace lf {

enum class PickleKind { kNone, kBool, kInt, kFloat, kString, kTuple, kList, kDict, kGlobal, kStorage, kTensor };

/// Place of a value among all values of a pickle.
using PickleRef = uint32_t;

struct PickleValue {
  PickleKind kind = PickleKind::kNone;
  int64_t number = 0;            // bool, int; elements of a storage
  std::string_view text;         // string; name of a global; key of a storage. Points into the pickle
  std::vector<PickleRef> items;  // tuple, list; dict: key, value, key, ...; tensor: storage, offset, shape, strides
  SafetensorsDtype dtype = SafetensorsDtype::kF32;  // storage
};

struct UnpickledValues {
  std::vector<PickleValue> all;
  PickleRef root = 0;
};

/// The values of a pickle of protocol 2 to 5, at most one for each of its opcodes. `where` names the file. kUnsupported
/// for opcodes and names outside the part, kFormat for broken pickles.
UnpickledValues read_restricted_pickle(std::string_view pickle, const std::string& where);

}  // namespace lf
