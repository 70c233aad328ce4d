#include "stages/trainable_model.h"

#include "base/log.h"
#include "checkpoint/model_files.h"
#include "tensor/device.h"
#include "tensor/dtype.h"

namespace lf {

LoadOptions load_options(const RunConfig& config, std::optional<int64_t> train_length) {
  LoadOptions options;
  options.device = working_device(config.training.use_cpu);
  options.train_from_scratch = config.model.train_from_scratch;
  options.seed = static_cast<uint64_t>(config.training.seed);
  if (config.model.infer_dtype != "auto") options.dtype = dtype_from_name(config.model.infer_dtype, "infer_dtype");
  const bool balances = train_length && config.model.moe_aux_loss_coef.value_or(0) != 0;
  if (!config.model.rope_scaling && !balances) return options;
  const Json stored = read_json(std::filesystem::path(config.model.folder()) / "config.json");
  if (config.model.rope_scaling) {
    options.config_overrides = scaled_rope_overrides(stored, *config.model.rope_scaling, train_length);
  }
  if (balances) options.config_overrides.update(router_loss_overrides(stored, *config.model.moe_aux_loss_coef));
  return options;
}

TrainableModel::TrainableModel(const RunConfig& config)
    : source_(config.model.folder()),
      base_model_(config.model.model_name_or_path),
      loaded_(load_model(config.model.folder(), load_options(config, config.data.cutoff_len))),
      tuning_(start_tuning({.model = *loaded_.model, .model_options = config.model, .options = config.finetuning})) {
  log_info("model", "{}", parameter_report(*loaded_.model, *tuning_));
  if (config.model.print_param_status) print_status();
}

void TrainableModel::write(OutputFolder& folder) {
  if (tuning_->is_adapter()) {
    tuning_->write(folder);
    folder.write_text(
        "README.md",
        fmt::format("---\nbase_model: {}\nlibrary_name: peft\npipeline_tag: text-generation\ntags:\n- lora\n---\n\n"
                    "# LoRA adapter\n\nA state of a training run on {}. Load it with PEFT.\n",
                    base_model_, base_model_));
  } else {
    write_model_files(folder, decoder().state_dict(), {.source = source_});
  }
}

/// print_param_status.
void TrainableModel::print_status() {
  auto line = [](const std::string& name, const Tensor& tensor) {
    log_info("model", "name: {}, dtype: {}, device: {}, trainable: {}", name, dtype_name(tensor.scalar_type()),
             tensor.device().str(), tensor.requires_grad());
  };
  for (const NamedParameter& parameter : decoder().named_parameters()) line(parameter.name, *parameter.tensor);
  if (!tuning_->is_adapter()) return;
  for (const auto& [name, tensor] : trainable()) line(name, tensor);
}

}  // namespace lf
