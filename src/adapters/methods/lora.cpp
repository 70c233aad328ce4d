// `finetuning_type: lora`: given adapters are merged or continued, or a fresh one is started.
#include "adapters/lora_set.h"
#include "adapters/method.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace lf {

namespace {
std::unique_ptr<LoraSet> fresh(const TuningRequest& request, const LoraSet::Options& options) {
  const FinetuningOptions& tuning = request.options;
  LoraConfig::Options config;
  config.rank = tuning.lora_rank;
  const int64_t alpha = tuning.lora_alpha.value_or(0);
  config.alpha = static_cast<double>(alpha != 0 ? alpha : 2 * tuning.lora_rank);
  config.dropout = tuning.lora_dropout;
  config.rslora = tuning.use_rslora;
  config.target_modules = tuning.lora_target;
  config.modules_to_save = tuning.additional_target;
  config.base_model = request.model_options.model_name_or_path;
  std::unique_ptr<LoraSet> set = LoraSet::create(request.model, config, options);
  if (tuning.lora_target == std::vector<std::string>{"all"}) {
    log_info("adapters", "Found linear modules: {}", join(set->config().target_modules(), ","));
  }
  return set;
}

std::unique_ptr<Tuning> start(const TuningRequest& request) {
  log_info("adapters", "Fine-tuning method: LoRA");
  if (!request.options.pure_bf16) log_info("adapters", "Upcasting trainable params to float32.");
  const LoraSet::Options options{.trainable = true,
                                 .allow_legacy_bin = request.model_options.allow_legacy_bin,
                                 .wide_copies = !request.options.pure_bf16,
                                 .generator = request.generator,
                                 .saved_too = request.saved_too};
  const std::vector<std::string>& given = request.model_options.adapters();
  const bool resume = !given.empty() && !request.options.create_new_adapter;
  const size_t merged = resume ? given.size() - 1 : given.size();
  const LoraSet::Options once{.trainable = false, .allow_legacy_bin = request.model_options.allow_legacy_bin};
  for (size_t i = 0; i < merged; ++i) {
    LoraSet::from_folder(request.model, adapter_path(given[i], request.model_options), once)->merge();
  }
  if (merged > 0) log_info("adapters", "Merged {} adapter(s).", merged);
  std::unique_ptr<LoraSet> set =
      resume ? LoraSet::from_folder(request.model, adapter_path(given.back(), request.model_options), options)
             : fresh(request, options);
  if (!given.empty()) log_info("adapters", "Loaded adapter(s): {}", join(given, ","));
  return set;
}
}  // namespace

extern const MethodEntry entry_lora;
const MethodEntry entry_lora{"lora", "low-rank factors on linear layers", start};

}  // namespace lf
