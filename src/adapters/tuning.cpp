#include "adapters/tuning.h"

#include "adapters/lora_set.h"
#include "adapters/method.h"
#include "base/error.h"
#include "base/log.h"
#include "base/registry.h"
#include "base/strings.h"

namespace lf {

namespace {
std::string with_commas(int64_t value) {
  std::string text = std::to_string(value);
  for (int64_t i = static_cast<int64_t>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<size_t>(i), ",");
  return text;
}
}  // namespace

std::unique_ptr<Tuning> start_tuning(const TuningRequest& request) {
  log_info("adapters", "{}",
           request.options.pure_bf16 ? "Pure bf16 detected, remaining trainable params in half precision."
                                     : "Upcasting trainable params to float32.");
  return require_entry(all_adapter_methods(), request.options.finetuning_type, "finetuning_type").start(request);
}

void refuse_adapters(const TuningRequest& request) {
  LF_CHECK(kConfig, request.model_options.adapter_name_or_path.empty(),
           "adapter_name_or_path is only for finetuning_type: lora; merge the adapter first (llamafactory-cli export)");
}

void merge_adapters(Module& model, const ModelOptions& model_options) {
  const std::vector<std::string>& adapters = model_options.adapters();
  const LoraSet::Options options{.trainable = false, .allow_legacy_bin = model_options.allow_legacy_bin};
  for (const std::string& path : adapters) {
    LoraSet::from_folder(model, adapter_path(path, model_options), options)->merge();
  }
  if (adapters.empty()) return;
  log_info("adapters", "Merged {} adapter(s).", adapters.size());
  log_info("adapters", "Loaded adapter(s): {}", join(adapters, ","));
}

std::string parameter_report(Module& model, Tuning& tuning) {
  int64_t all = tuning.extra_parameters(), trained = 0;
  for (const NamedParameter& parameter : model.named_parameters()) all += parameter.tensor->numel();
  for (const NamedTensor& parameter : tuning.trainable()) trained += parameter.second.numel();
  const double percent = all > 0 ? 100.0 * static_cast<double>(trained) / static_cast<double>(all) : 0.0;
  return fmt::format("trainable params: {} || all params: {} || trainable%: {:.4f}", with_commas(trained),
                     with_commas(all), percent);
}

}  // namespace lf
