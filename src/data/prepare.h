// From the configuration to encoded datasets: read, convert, merge, split, encode.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "config/run_config.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

struct PreparedData {
  Dataset train;  // empty when no `dataset` is given
  /// Evaluation sets in order. One with the name "" (from val_size or eval_dataset), or with eval_on_each_dataset one
  /// per dataset under its name (metrics eval_<name>_loss).
  std::vector<std::pair<std::string, Dataset>> eval;
};

/// For stages pt, sft, rm, dpo, kto and ppo (`config.finetuning.stage`). The tokenizer must have been through
/// Template::fix_tokenizer. Errors (kData) name the file, the row and what was needed: unknown dataset, malformed row,
/// missing column, nothing left after filtering, all labels masked. Dropped rows are counted and logged.
PreparedData prepare_datasets(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template);

/// Options of the loaders as the configuration gives them. Evaluation reads in order.
DataLoader make_train_loader(const PreparedData& data, const RunConfig& config);
DataLoader make_eval_loader(const Dataset& dataset, const RunConfig& config);

}  // namespace lf
