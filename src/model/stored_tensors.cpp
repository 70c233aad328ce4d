#include "model/stored_tensors.h"

#include "base/error.h"

namespace lf {

bool is_stored_as_is(const NamedParameter& parameter) {
  return !parameter.stored || (!parameter.stored->transposed && parameter.stored->parts.empty());
}

/// "a.b.c", "x" -> "a.b.x"; "a.b.c", "^x" -> "a.x".
static std::string stored_name(std::string_view parameter, std::string_view part) {
  const auto up = [](std::string_view name) { return name.substr(0, std::max<size_t>(name.rfind('.') + 1, 1) - 1); };
  std::string_view owner = up(parameter);
  for (; part.starts_with('^'); part.remove_prefix(1)) owner = up(owner);
  return owner.empty() ? std::string(part) : fmt::format("{}.{}", owner, part);
}

std::vector<StoredTensor> stored_tensors(const NamedParameter& parameter) {
  const Tensor tensor = parameter.tensor->detach();
  if (!parameter.stored) return {{parameter.name, tensor}};
  const StoredAs& stored = *parameter.stored;
  if (stored.parts.empty()) return {{parameter.name, stored.transposed ? tensor.transpose(-1, -2) : tensor}};
  std::vector<int64_t> shape = {static_cast<int64_t>(stored.parts.size())};
  shape.insert(shape.end(), stored.part_shape.begin(), stored.part_shape.end());
  Tensor parts = tensor.view(shape);
  std::vector<StoredTensor> out;
  for (size_t i = 0; i < stored.parts.size(); ++i) {
    Tensor part = parts[static_cast<int64_t>(i)];
    out.push_back({stored_name(parameter.name, stored.parts[i]), stored.transposed ? part.transpose(-1, -2) : part});
  }
  return out;
}

}  // namespace lf
