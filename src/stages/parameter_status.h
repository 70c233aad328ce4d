// print_param_status: one line for each parameter.
#pragma once
#include <span>

#include "io/output_folder.h"
#include "tensor/module.h"

namespace lf {

/// "name: ..., dtype: ..., device: ..., trainable: ..." into the log.
void log_tensors(std::span<const NamedTensor> tensors);
/// The same for everything in the tree of `model`.
void log_parameters(Module& model);

}  // namespace lf
