// Training of the model's own weights, all of them or some (finetuning_type: full, freeze): the result is a whole
// model.
#pragma once
#include <functional>
#include <string>

#include "adapters/tuning.h"

namespace lf {

class OwnWeights final : public Tuning {
 public:
  /// Parameters that `trains` accepts get memory of their own and require gradients: in fp32 when `wide`, else in their
  /// own type. The others stay as they are, views of the checkpoint.
  OwnWeights(Module& model, const std::function<bool(const std::string& name)>& trains, bool wide);

  std::vector<NamedTensor> trainable() override;
  bool is_adapter() const override { return false; }
  /// Takes the trained parameters from a whole model; frozen ones are those of the base model.
  void load(const std::filesystem::path& folder) override;

 private:
  std::vector<NamedParameter> trained();

  Module& model_;
};

}  // namespace lf
