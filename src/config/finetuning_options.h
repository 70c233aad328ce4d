// What is trained and how: stage, full, freeze or LoRA, extras of the loop. Keys, defaults and meanings are
// LLaMA-Factory's.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/field.h"

namespace lf {

struct FinetuningOptions {
  std::string stage = "sft";
  std::string finetuning_type = "lora";
  bool pure_bf16 = false;

  int64_t freeze_trainable_layers = 2;  // n > 0: the last n, n < 0: the first -n
  std::vector<std::string> freeze_trainable_modules = {"all"};
  std::vector<std::string> freeze_extra_modules;
  bool use_llama_pro = false;  // only the freeze_trainable_layers blocks that block expansion added

  int64_t lora_rank = 8;
  std::optional<int64_t> lora_alpha;  // always set after parsing (2 * lora_rank when unset or 0)
  double lora_dropout = 0.0;
  std::vector<std::string> lora_target = {"all"};
  std::vector<std::string> additional_target;
  bool use_rslora = false;
  bool create_new_adapter = false;

  bool compute_accuracy = false;
  bool disable_shuffling = false;
  std::optional<int64_t> early_stopping_steps;
  bool plot_loss = false;
  bool include_effective_tokens_per_second = false;

  template <class Self, class Visitor>
  static void visit(Self& o, Visitor&& v) {
    v(o.stage, {"stage", "Method", "training stage", {"pt", "sft"}});
    v(o.finetuning_type, {"finetuning_type", "Method", "which parameters are trained", {"lora", "freeze", "full"}});
    v(o.pure_bf16, {"pure_bf16", "Method", "bfloat16 weights without a float32 copy"});
    v(o.freeze_trainable_layers,
      {"freeze_trainable_layers", "Freeze",
       "blocks that are trained: n > 0 the last n, n < 0 the first -n; with use_llama_pro how many were added"});
    v(o.freeze_trainable_modules,
      {"freeze_trainable_modules", "Freeze", "comma list of modules inside those blocks that are trained, or all"});
    v(o.freeze_extra_modules,
      {"freeze_extra_modules", "Freeze", "comma list of modules outside of the blocks that are trained too"});
    v(o.use_llama_pro,
      {"use_llama_pro", "Freeze", "train only the blocks that block expansion (LLaMA-Pro) added; with freeze or lora"});
    v(o.lora_rank, {"lora_rank", "LoRA", "rank of the adapter"});
    v(o.lora_alpha, {"lora_alpha", "LoRA", "numerator of the scale; unset or 0: twice lora_rank"});
    v(o.lora_dropout, {"lora_dropout", "LoRA", "dropout on the input of the adapter"});
    v(o.lora_target,
      {"lora_target", "LoRA", "comma list of module names, or all (every linear layer but the output head)"});
    v(o.additional_target,
      {"additional_target", "LoRA", "comma list of further modules trained in full and saved with the adapter"});
    v(o.use_rslora, {"use_rslora", "LoRA", "scale by alpha over the square root of the rank"});
    v(o.create_new_adapter, {"create_new_adapter", "LoRA", "merge the given adapters and start a fresh one"});
    v(o.compute_accuracy, {"compute_accuracy", "Evaluation", "report token accuracy in evaluation"});
    v(o.disable_shuffling, {"disable_shuffling", "Data", "read the training set in order"});
    v(o.early_stopping_steps,
      {"early_stopping_steps", "Evaluation", "stop after this many evaluations without a better metric"});
    v(o.plot_loss, {"plot_loss", "Logging", "write training_*.png curves"});
    v(o.include_effective_tokens_per_second,
      {"include_effective_tokens_per_second", "Logging", "add effective_tokens_per_sec to the training metrics"});
  }
};

}  // namespace lf
