#include "model/upcast.h"

#include "io/tensor_file.h"

namespace lf {

int64_t upcast_norms(Decoder& model) {
  int64_t changed = 0;
  for (const NamedParameter& parameter : model.named_parameters()) {
    Tensor& tensor = *parameter.tensor;
    const bool norm =
        parameter.name.find("norm") != std::string::npos || parameter.name.find("ln") != std::string::npos;
    if (tensor.dim() != 1 || !norm || tensor.scalar_type() == at::kFloat) continue;
    tensor = copied_in_pieces(tensor, at::kFloat, tensor.device());
    ++changed;
  }
  return changed;
}

}  // namespace lf
