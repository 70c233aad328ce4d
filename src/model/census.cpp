// What a spec amounts to: tensors, parameters, operations. Read from the tree of modules built on the meta device,
// which costs no memory, so that nothing is described twice.
#include <algorithm>

#include "base/error.h"
#include "model/decoder.h"
#include "model/stored_tensors.h"

namespace lf {

std::vector<TensorShape> ModelSpec::tensors() const {
  Decoder decoder(*this);
  std::vector<TensorShape> out;
  for (const NamedParameter& parameter : decoder.named_tensors()) {
    for (const StoredTensor& stored : stored_tensors(parameter)) {
      out.push_back({stored.name, stored.view.sizes().vec()});
    }
  }
  return out;
}

int64_t ModelSpec::parameter_count() const {
  Decoder decoder(*this);
  int64_t count = 0;
  for (const NamedParameter& parameter : decoder.named_parameters()) count += parameter.tensor->numel();
  return count;
}

std::vector<std::string> ModelSpec::linear_names() const {
  Decoder decoder(*this);
  std::vector<std::string> names;
  for (DecoderLayer* layer : decoder.layers()) {
    for (const auto& [name, module] : layer->named_modules()) {
      if (module->kind() != "Linear") continue;
      std::string last = name.substr(name.rfind('.') + 1);
      if (std::find(names.begin(), names.end(), last) == names.end()) names.push_back(std::move(last));
    }
  }
  return names;
}

double ModelSpec::forward_flops_per_token(int64_t sequence_length) const {
  Decoder decoder(*this);
  double flops = 0;
  for (const auto& [name, module] : decoder.named_modules()) flops += module->flops_per_token(sequence_length);
  return flops;
}

}  // namespace lf
