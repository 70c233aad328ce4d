// README.md of a trained model: transformers' Trainer card (and what PEFT makes of it for adapters).
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace lf {

struct ModelCard {
  std::string model_name;                // last part of output_dir
  std::string base_model;                // model_name_or_path
  std::string finetuning_type = "lora";  // tag
  bool adapter = true;                   // lora and oft: library_name peft; full and freeze: transformers
  bool causal_lm = true;                 // adapters on a language model carry a pipeline tag
  std::vector<std::string> datasets;
  Json log_history = Json::array();  // for the results and the table

  double learning_rate = 5e-5;
  int64_t train_batch_size = 8;  // per device
  int64_t eval_batch_size = 8;
  int64_t seed = 42;
  int64_t world_size = 1;
  int64_t gradient_accumulation_steps = 1;
  std::string optim = "adamw_torch_fused";  // as in the YAML
  std::string optim_args;
  double adam_beta1 = 0.9, adam_beta2 = 0.999, adam_epsilon = 1e-8;
  std::string lr_scheduler_type = "linear";
  double warmup_steps = 0;
  int64_t max_steps = -1;  // > 0: shown instead of num_train_epochs
  double num_train_epochs = 3.0;
  bool fp16 = false;
  double label_smoothing_factor = 0;
  std::vector<std::pair<std::string, std::string>> frameworks;  // empty: this program and libtorch
};

std::string model_card_text(const ModelCard& card);
/// Writes folder/README.md durably.
void write_model_card(const std::filesystem::path& folder, const ModelCard& card);

}  // namespace lf
