// What follows from the values given: LLaMA-Factory's and transformers' post-processing, and advice.
#include <cstdlib>

#include "config/known_keys.h"
#include "config/validate.h"

namespace lf {
namespace {

void derive(RunConfig& config, const std::string& key, const std::string& from) {
  std::string& origin = config.origins[key];
  origin = origin.empty() ? "from " + from : origin + ", then from " + from;
}

void process_data(RunConfig& config) {
  DataOptions& data = config.data;
  const bool packed = data.packing.value_or(false) || data.neat_packing;
  if (packed) {
    --data.cutoff_len;
    derive(config, "cutoff_len", "packing (one less)");
  }
  if (data.neat_packing && !data.packing.value_or(false)) {
    data.packing = true;
    derive(config, "packing", "neat_packing");
  } else if (!data.packing) {
    data.packing = config.finetuning.stage == "pt";
    if (config.kind == ConfigKind::kTrain) derive(config, "packing", "stage");
  }
  if (!data.media_dir) {
    data.media_dir = data.dataset_dir;
    derive(config, "media_dir", "dataset_dir");
  }
}

void process_lora(RunConfig& config) {
  FinetuningOptions& finetuning = config.finetuning;
  if (finetuning.lora_alpha.value_or(0) != 0) return;
  finetuning.lora_alpha = 2 * finetuning.lora_rank;
  derive(config, "lora_alpha", "lora_rank");
}

std::string expand_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  return home && (path == "~" || path.rfind("~/", 0) == 0) ? home + path.substr(1) : path;
}

void process_training(RunConfig& config) {
  TrainingOptions& t = config.training;
  if (!t.output_dir) {
    t.output_dir = "trainer_output";
    derive(config, "output_dir", "its absence");
  }
  t.output_dir = expand_home(*t.output_dir);
  if (t.warmup_ratio) {
    t.warmup_steps = *t.warmup_ratio;
    derive(config, "warmup_steps", "warmup_ratio");
  }
  if (!t.do_eval && t.eval_strategy != "no") {
    t.do_eval = true;
    derive(config, "do_eval", "eval_strategy");
  }
  if (t.eval_strategy == "steps" && t.eval_steps.value_or(0) == 0) {
    t.eval_steps = t.logging_steps;
    derive(config, "eval_steps", "logging_steps");
  }
}

void process_metric(RunConfig& config) {
  TrainingOptions& t = config.training;
  const bool judged = t.load_best_model_at_end || t.lr_scheduler_type == "reduce_lr_on_plateau" ||
                      config.finetuning.early_stopping_steps.has_value();
  if (judged && !t.metric_for_best_model) {
    t.metric_for_best_model = "loss";
    derive(config, "metric_for_best_model", "what needs it");
  }
  if (t.metric_for_best_model && !t.greater_is_better) {
    t.greater_is_better = !t.metric_for_best_model->ends_with("loss");
    derive(config, "greater_is_better", "metric_for_best_model");
  }
}

}  // namespace

void post_process(RunConfig& config) {
  process_data(config);
  process_lora(config);
  if (config.kind == ConfigKind::kInfer) return;
  process_training(config);
  process_metric(config);
}

void add_warnings(RunConfig& config) {
  std::vector<std::string>& warnings = config.warnings;
  for (const auto& [key, value] : config.accepted) {
    const KnownKey* known = find_known_key(key);
    if (known && value != known->default_value)
      warnings.push_back(key + " changes nothing here: " + std::string(known->note));
  }
  if (config.kind == ConfigKind::kInfer) return;
  const TrainingOptions& t = config.training;
  if (!t.do_train && !t.do_eval) warnings.push_back("neither do_train nor do_eval is set: there is nothing to do");
  if (t.do_train && !t.bf16 && !t.fp16 && !config.finetuning.pure_bf16)
    warnings.push_back("training in float32; bf16: true is faster and needs less memory");
  if (config.model.infer_dtype != "auto")
    warnings.push_back(
        "infer_dtype is for chat and export: training keeps the checkpoint's dtype, trained weights are "
        "float32");
  if (t.max_steps > 0 && config.origins.count("num_train_epochs"))
    warnings.push_back("max_steps is set, so num_train_epochs is not used");
}

}  // namespace lf
