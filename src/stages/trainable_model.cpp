#include "stages/trainable_model.h"

#include "base/log.h"
#include "checkpoint/model_files.h"
#include "model/mixture_of_depths.h"
#include "model/upcast.h"
#include "stages/attention_choice.h"
#include "stages/parameter_status.h"
#include "tensor/device.h"
#include "tensor/dtype.h"

namespace lf {

namespace {

/// A converted model is held in the dtype of the run, as upstream does it.
std::optional<c10::ScalarType> converted_dtype(const RunConfig& config) {
  if (config.training.bf16 || config.finetuning.pure_bf16) return at::kBFloat16;
  return config.training.fp16 ? std::optional(at::kHalf) : std::nullopt;
}

/// Parameters that an adapter's file holds although they are not trained: those that the base model's files lack.
std::vector<std::string> new_parameters(Decoder& model, bool grown, bool converted) {
  std::vector<std::string> names = grown ? vocabulary_parameters(model) : std::vector<std::string>{};
  if (!converted) return names;
  for (const NamedParameter& parameter : model.named_parameters()) {
    if (is_router(parameter)) names.push_back(parameter.name);
  }
  return names;
}

}  // namespace

DepthMode depth_mode(const ModelOptions& options) {
  if (!options.mixture_of_depths) return DepthMode::kNone;
  return *options.mixture_of_depths == "convert" ? DepthMode::kConvert : DepthMode::kLoad;
}

LoadOptions load_options(const RunConfig& config, std::optional<int64_t> train_length) {
  LoadOptions options;
  options.device = working_device(config.training.use_cpu);
  options.train_from_scratch = config.model.train_from_scratch;
  options.allow_legacy_bin = config.model.allow_legacy_bin;
  options.seed = static_cast<uint64_t>(config.training.seed);
  options.depth = depth_mode(config.model);
  if (options.depth == DepthMode::kConvert && train_length) options.dtype = converted_dtype(config);
  if (!train_length && config.model.infer_dtype != "auto")
    options.dtype = dtype_from_name(config.model.infer_dtype, "infer_dtype");
  const bool balances = train_length && config.model.moe_aux_loss_coef.value_or(0) != 0;
  if (!config.model.rope_scaling && !balances) return options;
  const Json stored = read_json(std::filesystem::path(config.model.folder()) / "config.json");
  if (config.model.rope_scaling) {
    options.config_overrides = scaled_rope_overrides(stored, *config.model.rope_scaling, train_length);
  }
  if (balances) options.config_overrides.update(router_loss_overrides(stored, *config.model.moe_aux_loss_coef));
  return options;
}

TrainableModel::TrainableModel(const RunConfig& config, const RunTokenizer& run)
    : source_(config.model.folder()),
      base_model_(config.model.model_name_or_path),
      loaded_(load_model(config.model.folder(), load_options(config, config.data.cutoff_len))),
      converted_(depth_mode(config.model) == DepthMode::kConvert),
      vocabulary_(grow_vocabulary(loaded_, *run.tokenizer, run.vocabulary, config)) {
  if (config.model.upcast_layernorm) {
    log_info("model", "Upcasting layernorm weights in float32.");
    upcast_norms(decoder());
  }
  log_info("model", "{}", attention_text(config.model, decoder().embedding().weight().device()));
  const FinetuningOptions options = with_vocabulary_trained(config, run.vocabulary, decoder());
  const bool grown = vocabulary_.after > vocabulary_.before;
  tuning_ = start_tuning({.model = decoder(),
                          .model_options = config.model,
                          .options = options,
                          .saved_too = new_parameters(decoder(), grown, converted_)});
  log_info("model", "{}", parameter_report(*loaded_.model, *tuning_));
  if (!config.model.print_param_status) return;
  log_parameters(decoder());
  if (tuning_->is_adapter()) log_tensors(trainable());
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
    write_model_files(folder, decoder().state_dict(),
                      {.source = source_,
                       .head = decoder().spec().names.head,
                       .config_overrides = config_changes(source_, vocabulary_, converted_)});
  }
}

}  // namespace lf
