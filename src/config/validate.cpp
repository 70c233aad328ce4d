// LLaMA-Factory's checks between keys (its dataclasses, its parser, transformers' TrainingArguments) and ranges of
// single keys.
#include "config/validate.h"

#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "base/error.h"
#include "base/strings.h"
#include "config/fields.h"

namespace lf {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

struct Range {
  std::string_view key;
  double low = 0;
  double high = kNone;
  bool low_open = false;   // low itself is out
  bool high_open = false;  // high itself is out
};

constexpr Range kRanges[] = {
    {"cutoff_len", 2},
    {"max_samples", 1},
    {"buffer_size", 1},
    {"dataloader_num_workers", 0},
    {"dataloader_prefetch_factor", 1},
    {"preprocessing_batch_size", 1},
    {"preprocessing_num_workers", 1},
    {"val_size", 0},
    {"lora_rank", 1},
    {"lora_alpha", 0},
    {"lora_dropout", 0, 1, false, true},
    {"early_stopping_steps", 1},
    {"export_size", 1},
    {"per_device_train_batch_size", 1},
    {"per_device_eval_batch_size", 1},
    {"gradient_accumulation_steps", 1},
    {"learning_rate", 0},
    {"weight_decay", 0},
    {"adam_beta1", 0, 1, false, true},
    {"adam_beta2", 0, 1, false, true},
    {"adam_epsilon", 0},
    {"warmup_ratio", 0, 1},
    {"warmup_steps", 0},
    {"label_smoothing_factor", 0, 1, false, true},
    {"neftune_noise_alpha", 0},
    {"logging_steps", 0},
    {"eval_steps", 0},
    {"eval_delay", 0},
    {"save_steps", 0},
    {"seed", 0, 4294967295},
    {"data_seed", 0, 4294967295},
    {"temperature", 0},
    {"top_p", 0, 1, true},
    {"top_k", 0},
    {"repetition_penalty", 0, kNone, true},
};

std::optional<double> number_of(const FieldRef& field) {
  if (auto* const* p = std::get_if<int64_t*>(&field.target)) return static_cast<double>(**p);
  if (auto* const* p = std::get_if<double*>(&field.target)) return **p;
  if (auto* const* p = std::get_if<std::optional<int64_t>*>(&field.target)) {
    return **p ? std::optional<double>(static_cast<double>(***p)) : std::nullopt;
  }
  if (auto* const* p = std::get_if<std::optional<double>*>(&field.target)) return **p;
  return std::nullopt;
}

std::string describe(const Range& range) {
  const auto text = [](double value) { return fmt::format("{:.0f}", value); };
  if (range.high == kNone) return range.low_open ? "above " + text(range.low) : "at least " + text(range.low);
  return fmt::format("{} {} and {} {}", range.low_open ? "above" : "from", text(range.low),
                     range.high_open ? "below" : "at most", text(range.high));
}

/// error, skip, or skip:N%.
bool is_bad_row_policy(std::string_view text) {
  if (text == "error" || text == "skip") return true;
  if (!text.starts_with("skip:") || !text.ends_with('%')) return false;
  const std::string_view number = text.substr(5, text.size() - 6);
  double percent = -1;
  const auto [end, status] = std::from_chars(number.data(), number.data() + number.size(), percent);
  return status == std::errc{} && end == number.data() + number.size() && percent >= 0 && percent <= 100;
}

class Validator {
 public:
  Validator(const RunConfig& config, const GivenKeys& given, Problems& problems)
      : config_(config), given_(given), problems_(problems) {}

  void run() {
    check_ranges();
    check_model();
    check_data();
    check_finetuning();
    if (config_.kind == ConfigKind::kInfer) return;
    check_stage();
    check_datasets_for_training();
    check_steps();
    check_best_model();
    check_schedule();
  }

 private:
  /// Adds a problem at the first of `keys` that was given, unless one of them has a problem already.
  void refuse(bool broken, std::initializer_list<std::string_view> keys, const std::string& message) {
    if (!broken) return;
    YamlPosition at;
    bool found = false;
    for (std::string_view key : keys) {
      if (problems_.concerns(key)) return;
      auto given = given_.find(std::string(key));
      if (found || given == given_.end()) continue;
      at = given->second;
      found = true;
    }
    if (!found) at = {1, 1};
    problems_.add(from_file_ || found ? at : YamlPosition{}, *keys.begin(), message);
  }

  void check_ranges() {
    RunConfig copy = config_;
    const std::vector<FieldRef> fields = fields_of(copy);
    for (const Range& range : kRanges) {
      const FieldRef* field = find_field(fields, range.key);
      const std::optional<double> value = field ? number_of(*field) : std::nullopt;
      if (!value) continue;
      const bool low = *value < range.low || (range.low_open && *value == range.low);
      const bool high = *value > range.high || (range.high_open && *value == range.high);
      refuse(low || high, {range.key},
             fmt::format("{} must be {} but is {}", range.key, describe(range), field_text(*field)));
    }
  }

  void check_model() {
    const ModelOptions& m = config_.model;
    const bool lora = config_.finetuning.finetuning_type == "lora";
    refuse(m.model_name_or_path.empty(), {"model_name_or_path"},
           "model_name_or_path is required: the folder of the base model, or its name on the hub");
    refuse(!m.adapter_name_or_path.empty() && !lora, {"finetuning_type", "adapter_name_or_path"},
           fmt::format("adapter_name_or_path needs finetuning_type: lora, but it is {}",
                       config_.finetuning.finetuning_type));
    refuse(m.mixture_of_depths && m.shift_attn, {"mixture_of_depths", "shift_attn"},
           "mixture_of_depths and shift_attn exclude each other");
    refuse(m.mixture_of_depths == "load" && m.train_from_scratch, {"train_from_scratch", "mixture_of_depths"},
           "train_from_scratch and mixture_of_depths: load exclude each other; convert builds routers anew");
    refuse(m.adapter_folder && m.adapter_name_or_path.empty(), {"adapter_folder", "adapter_name_or_path"},
           "adapter_folder needs adapter_name_or_path");
  }

  void check_data() {
    const DataOptions& d = config_.data;
    refuse(d.val_size > 1e-6 && d.dataset.empty(), {"val_size", "dataset"},
           "val_size needs dataset: it keeps a part of it for evaluation");
    refuse(d.val_size > 1e-6 && !d.eval_dataset.empty(), {"val_size", "eval_dataset"},
           "val_size and eval_dataset exclude each other");
    refuse(!d.interleave_probs.empty() && d.mix_strategy == "concat", {"interleave_probs", "mix_strategy"},
           "interleave_probs needs mix_strategy interleave_under, interleave_over or interleave_once");
    refuse(!d.interleave_probs.empty() && d.mix_strategy != "concat" && d.interleave_probs.size() != d.dataset.size(),
           {"interleave_probs", "dataset"},
           fmt::format("interleave_probs has {} numbers for {} datasets", d.interleave_probs.size(), d.dataset.size()));
    refuse(!d.interleave_probs.empty() && !d.eval_dataset.empty() && d.interleave_probs.size() != d.eval_dataset.size(),
           {"interleave_probs", "eval_dataset"},
           fmt::format("interleave_probs has {} numbers for {} evaluation datasets", d.interleave_probs.size(),
                       d.eval_dataset.size()));
    double sum = 0;
    bool negative = false;
    for (double p : d.interleave_probs) {
      sum += p;
      negative = negative || p < 0;
    }
    refuse(!d.interleave_probs.empty() && (negative || std::fabs(sum - 1) > 1e-6), {"interleave_probs"},
           fmt::format("interleave_probs must be probabilities that add up to 1 but add up to {}", sum));
    check_streaming();
    refuse(d.mask_history && d.train_on_prompt, {"mask_history", "train_on_prompt"},
           "mask_history and train_on_prompt exclude each other");
    refuse(!is_bad_row_policy(d.on_bad_row), {"on_bad_row"},
           fmt::format("on_bad_row must be error, skip, or skip:N% with N from 0 to 100, but is '{}'",
                       printable(d.on_bad_row, 60)));
  }

  void check_streaming() {
    const DataOptions& d = config_.data;
    if (!d.streaming) return;
    refuse(d.val_size > 1e-6 && d.val_size < 1, {"val_size", "streaming"},
           fmt::format("streaming needs val_size to be a number of rows, but it is the fraction {}", d.val_size));
    refuse(d.max_samples.has_value(), {"max_samples", "streaming"},
           "streaming and max_samples exclude each other: max_steps ends a streaming run");
  }

  void check_finetuning() {
    const FinetuningOptions& f = config_.finetuning;
    const bool lora = f.finetuning_type == "lora";
    refuse(f.use_rslora && !lora, {"use_rslora", "finetuning_type"}, "use_rslora needs finetuning_type: lora");
    refuse(f.create_new_adapter && !lora, {"create_new_adapter", "finetuning_type"},
           "create_new_adapter needs finetuning_type: lora");
    refuse(!f.additional_target.empty() && !lora, {"additional_target", "finetuning_type"},
           "additional_target needs finetuning_type: lora");
    refuse(f.use_llama_pro && f.finetuning_type == "full", {"use_llama_pro", "finetuning_type"},
           "use_llama_pro needs finetuning_type: freeze or lora");
    refuse(f.use_llama_pro && f.freeze_trainable_layers < 1, {"freeze_trainable_layers", "use_llama_pro"},
           fmt::format(
               "use_llama_pro needs freeze_trainable_layers, the number of added blocks, to be at least 1 but it is {}",
               f.freeze_trainable_layers));
    const TrainingOptions& t = config_.training;
    refuse(t.fp16 && t.bf16, {"fp16", "bf16"}, "fp16 and bf16 exclude each other");
    refuse(t.fp16 && f.pure_bf16, {"fp16", "pure_bf16"}, "fp16 and pure_bf16 exclude each other");
    refuse(lora && f.lora_target.empty(), {"lora_target"}, "lora_target needs module names, or all");
  }

  void check_stage() {
    const std::string& stage = config_.finetuning.stage;
    const bool sft = stage == "sft";
    const DataOptions& d = config_.data;
    const auto only_sft = [&](bool set, std::string_view key) {
      refuse(set && !sft, {key, "stage"}, fmt::format("{} needs stage: sft, but it is {}", key, stage));
    };
    only_sft(d.neat_packing, "neat_packing");
    only_sft(d.packing_strategy != "upstream", "packing_strategy");
    refuse(sft && d.packing_strategy != "upstream" && !d.packing.value_or(false) && !d.neat_packing,
           {"packing_strategy", "packing"},
           fmt::format("packing_strategy: {} needs packing: true (or neat_packing)", d.packing_strategy));
    only_sft(d.train_on_prompt, "train_on_prompt");
    only_sft(d.mask_history, "mask_history");
  }

  void check_datasets_for_training() {
    const DataOptions& d = config_.data;
    const TrainingOptions& t = config_.training;
    refuse(t.do_train && d.dataset.empty(), {"do_train", "dataset"},
           "do_train needs dataset: names from dataset_info.json");
    const bool evaluates = t.do_eval || t.eval_strategy != "no" || t.eval_on_start;
    refuse(evaluates && d.eval_dataset.empty() && d.val_size < 1e-6,
           {t.eval_strategy != "no" ? "eval_strategy"
            : t.do_eval             ? "do_eval"
                                    : "eval_on_start",
            "eval_dataset", "val_size"},
           "evaluation needs eval_dataset, or val_size above 0");
    refuse(t.prediction_loss_only && config_.finetuning.compute_accuracy, {"prediction_loss_only", "compute_accuracy"},
           "prediction_loss_only and compute_accuracy exclude each other");
    refuse(d.streaming && t.max_steps <= 0, {"max_steps", "streaming"},
           "streaming needs max_steps above 0: the number of rows is not known beforehand");
    refuse(d.streaming && config_.finetuning.include_effective_tokens_per_second,
           {"include_effective_tokens_per_second", "streaming"},
           "include_effective_tokens_per_second needs the tokens of the whole dataset, which streaming does not know");
    refuse(t.max_steps <= 0 && t.num_train_epochs <= 0, {"num_train_epochs", "max_steps"},
           "num_train_epochs must be above 0, or max_steps");
  }

  void check_whole(std::string_view key, bool used, double steps) {
    refuse(used && steps > 1 && steps != std::floor(steps), {key},
           fmt::format("{} must be an integer when above 1 but is {}", key, steps));
  }

  void check_steps() {
    const TrainingOptions& t = config_.training;
    refuse(t.logging_strategy == "steps" && t.logging_steps == 0, {"logging_steps", "logging_strategy"},
           "logging_steps must not be 0 while logging_strategy is steps; use logging_strategy: 'no' to log nothing");
    refuse(t.save_strategy == "steps" && t.save_steps == 0, {"save_steps", "save_strategy"},
           "save_steps must not be 0 while save_strategy is steps; use save_strategy: 'no' to save only at the end");
    check_whole("logging_steps", t.logging_strategy == "steps", t.logging_steps);
    check_whole("eval_steps", t.eval_strategy == "steps" && t.eval_steps.has_value(), t.eval_steps.value_or(0));
    check_whole("save_steps", t.save_strategy == "steps", t.save_steps);
    check_whole("warmup_steps", !t.warmup_ratio, t.warmup_steps);
    refuse(t.eval_on_start && t.eval_strategy == "no", {"eval_on_start", "eval_strategy"},
           "eval_on_start needs eval_strategy steps or epoch");
  }

  void check_best_model() {
    const TrainingOptions& t = config_.training;
    if (t.load_best_model_at_end && t.save_strategy != "best") {
      refuse(t.eval_strategy != t.save_strategy, {"load_best_model_at_end", "eval_strategy", "save_strategy"},
             fmt::format("load_best_model_at_end needs equal strategies (or save_strategy: best), but eval_strategy is "
                         "{} and save_strategy is {}",
                         t.eval_strategy, t.save_strategy));
      const double eval = t.eval_steps && *t.eval_steps > 0 ? *t.eval_steps : t.logging_steps;
      const bool steps = t.eval_strategy == "steps" && t.save_strategy == "steps" && eval > 0;
      const double ratio = steps ? t.save_steps / eval : 1;
      const bool mixed = steps && (eval < 1) != (t.save_steps < 1);
      refuse(
          steps && (mixed || std::fabs(ratio - std::round(ratio)) > 1e-6),
          {"load_best_model_at_end", "save_steps", "eval_steps"},
          fmt::format("load_best_model_at_end needs save_steps to be a multiple of eval_steps, but they are {} and {}",
                      t.save_steps, eval));
    }
    refuse(t.save_strategy == "best" && !t.metric_for_best_model && !t.load_best_model_at_end,
           {"save_strategy", "metric_for_best_model"}, "save_strategy: best needs metric_for_best_model");
    refuse(t.save_strategy == "best" && t.eval_strategy == "no", {"save_strategy", "eval_strategy"},
           "save_strategy: best needs eval_strategy steps or epoch");
    refuse(config_.finetuning.early_stopping_steps.has_value() && t.eval_strategy == "no",
           {"early_stopping_steps", "eval_strategy"}, "early_stopping_steps needs eval_strategy steps or epoch");
  }

  void check_schedule() {
    const TrainingOptions& t = config_.training;
    refuse(t.lr_scheduler_type == "reduce_lr_on_plateau" && t.eval_strategy == "no",
           {"lr_scheduler_type", "eval_strategy"},
           "lr_scheduler_type: reduce_lr_on_plateau needs eval_strategy steps or epoch");
    const std::string& kind = t.lr_scheduler_type;
    const bool needs_floor = kind == "cosine_with_min_lr" || kind == "cosine_warmup_with_min_lr";
    const size_t floors = t.lr_scheduler_kwargs.count("min_lr") + t.lr_scheduler_kwargs.count("min_lr_rate");
    refuse(needs_floor && floors != 1, {"lr_scheduler_type", "lr_scheduler_kwargs"},
           fmt::format("lr_scheduler_type: {} needs lr_scheduler_kwargs with one of min_lr and min_lr_rate", kind));
  }

  const RunConfig& config_;
  const GivenKeys& given_;
  Problems& problems_;
  const bool from_file_ = problems_.has_file();
};

}  // namespace

void validate(const RunConfig& config, const GivenKeys& given, Problems& problems) {
  Validator(config, given, problems).run();
}

}  // namespace lf
