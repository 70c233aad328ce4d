#include "stages/parameter_status.h"

#include "base/log.h"
#include "tensor/dtype.h"

namespace lf {

void log_tensors(std::span<const NamedTensor> tensors) {
  for (const auto& [name, tensor] : tensors) {
    log_info("model", "name: {}, dtype: {}, device: {}, trainable: {}", name, dtype_name(tensor.scalar_type()),
             tensor.device().str(), tensor.requires_grad());
  }
}

void log_parameters(Module& model) {
  std::vector<NamedTensor> tensors;
  for (const NamedParameter& parameter : model.named_parameters())
    tensors.emplace_back(parameter.name, *parameter.tensor);
  log_tensors(tensors);
}

}  // namespace lf
