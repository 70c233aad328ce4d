// `finetuning_type: full`: every parameter is trained, in fp32 (or in its own type with pure_bf16).
#include "adapters/method.h"
#include "base/error.h"
#include "base/log.h"
#include "io/safetensors.h"
#include "model/loader.h"
#include "model/stored_tensors.h"

namespace lf {

namespace {
class FullTuning final : public Tuning {
 public:
  explicit FullTuning(const TuningRequest& request) : model_(request.model) {
    const auto type = request.options.pure_bf16 ? std::nullopt : std::optional(at::kFloat);
    for (const NamedParameter& parameter : model_.named_parameters()) make_trainable(parameter, type);
  }

  std::vector<NamedTensor> trainable() override {
    std::vector<NamedTensor> out;
    for (const NamedParameter& parameter : model_.named_parameters())
      out.emplace_back(parameter.name, *parameter.tensor);
    return out;
  }

  bool is_adapter() const override { return false; }

  void load(const std::filesystem::path& folder) override {
    at::NoGradGuard no_grad;
    const ModelWeights weights(folder);
    for (const NamedParameter& parameter : model_.named_parameters()) {
      for (StoredTensor& stored : stored_tensors(parameter)) {
        const Tensor saved = weights.tensor(stored.name);
        LF_CHECK(kFormat, saved.sizes() == stored.view.sizes(), "{}: '{}' has another shape than the model's",
                 folder.string(), stored.name);
        stored.view.copy_(saved);
      }
    }
  }

 private:
  Module& model_;
};

std::unique_ptr<Tuning> start(const TuningRequest& request) {
  LF_CHECK(kConfig, request.model_options.adapter_name_or_path.empty(),
           "adapter_name_or_path is only for finetuning_type: lora; merge the adapter first (llamafactory-cli export)");
  log_info("adapters", "Fine-tuning method: Full");
  if (!request.options.pure_bf16) log_info("adapters", "Upcasting trainable params to float32.");
  return std::make_unique<FullTuning>(request);
}
}  // namespace

extern const MethodEntry entry_full;
const MethodEntry entry_full{"full", "all parameters", start};

}  // namespace lf
