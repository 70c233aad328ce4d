// Between parameters as they are in memory and tensors as checkpoints hold them (tensor/module.h: StoredAs).
#pragma once
#include <string>
#include <vector>

#include "tensor/module.h"

namespace lf {

struct StoredTensor {
  std::string name;  // checkpoint name
  Tensor view;       // the parameter's memory in the checkpoint's shape; not always contiguous
};

/// The parameter's tensors in a checkpoint, in order. Empty parameters (meta) give views of their meta tensors.
std::vector<StoredTensor> stored_tensors(const NamedParameter& parameter);

/// Whether the checkpoint's one tensor may stand in for the parameter without a copy.
bool is_stored_as_is(const NamedParameter& parameter);

}  // namespace lf
