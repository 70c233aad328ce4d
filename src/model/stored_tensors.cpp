#include "model/stored_tensors.h"

#include "base/error.h"

namespace lf {

bool is_stored_as_is(const NamedParameter& parameter) {
  return !parameter.stored || (!parameter.stored->transposed && parameter.stored->parts.empty());
}

std::vector<StoredTensor> stored_tensors(const NamedParameter& parameter) {
  const Tensor tensor = parameter.tensor->detach();
  if (!parameter.stored) return {{parameter.name, tensor}};
  const StoredAs& stored = *parameter.stored;
  if (stored.parts.empty()) return {{parameter.name, stored.transposed ? tensor.transpose(-1, -2) : tensor}};
  const size_t dot = parameter.name.rfind('.');
  const std::string owner = dot == std::string::npos ? "" : parameter.name.substr(0, dot + 1);
  std::vector<int64_t> shape = {static_cast<int64_t>(stored.parts.size())};
  shape.insert(shape.end(), stored.part_shape.begin(), stored.part_shape.end());
  Tensor parts = tensor.view(shape);
  std::vector<StoredTensor> out;
  for (size_t i = 0; i < stored.parts.size(); ++i) {
    Tensor part = parts[static_cast<int64_t>(i)];
    out.push_back({owner + stored.parts[i], stored.transposed ? part.transpose(-1, -2) : part});
  }
  return out;
}

}  // namespace lf
