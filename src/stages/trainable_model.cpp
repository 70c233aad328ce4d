#include "stages/trainable_model.h"

#include "base/error.h"
#include "base/log.h"
#include "checkpoint/model_files.h"
#include "io/safetensors.h"
#include "tensor/dtype.h"

namespace lf {
namespace {

/// finetuning_type: full. Every parameter has fp32 storage of its own and is saved as a Hugging Face model.
class FullModel final : public TrainableModel {
 public:
  FullModel(LoadedModel loaded, const RunConfig& config)
      : TrainableModel(std::move(loaded)), source_(config.model.model_name_or_path) {
    for (const NamedParameter& parameter : decoder().named_parameters()) make_trainable(parameter);
  }

  std::vector<NamedTensor> trainable() override {
    std::vector<NamedTensor> all;
    for (const NamedParameter& parameter : decoder().named_parameters())
      all.emplace_back(parameter.name, *parameter.tensor);
    return all;
  }

  void write(OutputFolder& folder) override { write_model_files(folder, decoder().state_dict(), {.source = source_}); }

  void load(const std::filesystem::path& folder) override {
    at::NoGradGuard no_grad;
    const ModelWeights weights(folder);
    for (auto& [name, tensor] : trainable()) tensor.copy_(weights.tensor(name));
  }

 private:
  std::filesystem::path source_;
};

}  // namespace

LoadOptions load_options(const RunConfig& config, std::optional<int64_t> train_length) {
  LoadOptions options;
  options.train_from_scratch = config.model.train_from_scratch;
  options.seed = static_cast<uint64_t>(config.training.seed);
  if (config.model.infer_dtype != "auto") options.dtype = dtype_from_name(config.model.infer_dtype, "infer_dtype");
  if (config.model.rope_scaling) {
    const Json stored = read_json(std::filesystem::path(config.model.model_name_or_path) / "config.json");
    options.config_overrides = scaled_rope_overrides(stored, *config.model.rope_scaling, train_length);
  }
  return options;
}

std::unique_ptr<TrainableModel> TrainableModel::load(const RunConfig& config) {
  LoadedModel loaded = load_model(config.model.model_name_or_path, load_options(config, config.data.cutoff_len));
  if (config.finetuning.finetuning_type == "full") return std::make_unique<FullModel>(std::move(loaded), config);
  throw_error(ErrorKind::kUnsupported, "finetuning_type {} is not available yet", config.finetuning.finetuning_type);
}

}  // namespace lf
