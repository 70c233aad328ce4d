// `finetuning_type: lora`: given adapters are merged or continued, or a fresh one is started.
#include "adapters/freeze_choice.h"
#include "adapters/lora_set.h"
#include "adapters/method.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "model/decoder.h"

namespace lf {

namespace {
bool contains_any(const std::string& path, const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const std::string& part) { return path.find(part) != std::string::npos; });
}

/// use_llama_pro: full paths of what `targets` mean in the blocks that were added. Upstream's rule goes by parts of
/// names.
std::vector<std::string> in_expanded_blocks(Module& model, const std::vector<std::string>& targets, int64_t added) {
  auto* decoder = dynamic_cast<Decoder*>(&model);
  const int64_t layers = decoder ? static_cast<int64_t>(decoder->layers().size()) : 0;
  std::vector<std::string> numbers, marks, paths;
  for (int64_t block : expanded_blocks(layers, added)) {
    numbers.push_back(std::to_string(block));
    marks.push_back(fmt::format(".{}.", block));
  }
  for (const auto& [path, module] : model.named_modules()) {
    const bool linear = dynamic_cast<Linear*>(module) != nullptr;
    if (linear && contains_any(path, targets) && contains_any(path, marks)) paths.push_back(path);
  }
  LF_CHECK(kConfig, !paths.empty(), "use_llama_pro: no linear layer of the added blocks {} is named by lora_target: {}",
           join(numbers, ", "), join(targets, ", "));
  log_info("adapters", "Apply lora to layers: {}.", join(numbers, ","));
  return paths;
}

std::unique_ptr<LoraSet> fresh(const TuningRequest& request, const LoraSet::Options& options) {
  const FinetuningOptions& tuning = request.options;
  LoraConfig::Options config;
  config.rank = tuning.lora_rank;
  const int64_t alpha = tuning.lora_alpha.value_or(0);
  config.alpha = static_cast<double>(alpha != 0 ? alpha : 2 * tuning.lora_rank);
  config.dropout = tuning.lora_dropout;
  config.rslora = tuning.use_rslora;
  config.target_modules = expand_targets(request.model, tuning.lora_target);
  config.modules_to_save = tuning.additional_target;
  config.base_model = request.model_options.model_name_or_path;
  if (tuning.lora_target == std::vector<std::string>{"all"}) {
    log_info("adapters", "Found linear modules: {}", join(config.target_modules, ","));
  }
  if (tuning.use_llama_pro) {
    config.target_modules = in_expanded_blocks(request.model, config.target_modules, tuning.freeze_trainable_layers);
  }
  return LoraSet::create(request.model, config, options);
}

std::unique_ptr<Tuning> start(const TuningRequest& request) {
  log_info("adapters", "Fine-tuning method: LoRA");
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
