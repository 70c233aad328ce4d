#include "adapters/own_weights.h"

#include "base/error.h"
#include "io/safetensors.h"
#include "model/loader.h"
#include "model/stored_tensors.h"

namespace lf {

OwnWeights::OwnWeights(Module& model, const std::function<bool(const std::string&)>& trains, bool wide)
    : model_(model) {
  const auto type = wide ? std::optional(at::kFloat) : std::nullopt;
  for (const NamedParameter& parameter : model_.named_parameters()) {
    if (trains(parameter.name)) make_trainable(parameter, type);
  }
}

std::vector<NamedParameter> OwnWeights::trained() {
  std::vector<NamedParameter> out = model_.named_parameters();
  std::erase_if(out, [](const NamedParameter& parameter) { return !parameter.tensor->requires_grad(); });
  return out;
}

std::vector<NamedTensor> OwnWeights::trainable() {
  std::vector<NamedTensor> out;
  for (const NamedParameter& parameter : trained()) out.emplace_back(parameter.name, *parameter.tensor);
  return out;
}

void OwnWeights::load(const std::filesystem::path& folder) {
  at::NoGradGuard no_grad;
  const ModelWeights weights(folder);
  for (const NamedParameter& parameter : trained()) {
    for (StoredTensor& stored : stored_tensors(parameter)) {
      const Tensor saved = weights.tensor(stored.name);
      LF_CHECK(kFormat, saved.sizes() == stored.view.sizes(), "{}: '{}' has another shape than the model's",
               folder.string(), stored.name);
      stored.view.copy_(saved);
    }
  }
}

}  // namespace lf
