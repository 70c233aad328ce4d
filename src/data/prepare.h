// From the configuration to encoded datasets: read, convert, merge, split, encode; or taken from the cache or from
// tokenized_path; or a stream (streaming: true) that is encoded as it is read.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/run_config.h"
#include "data/batch_source.h"
#include "data/cache/cache_folder.h"
#include "data/dataset.h"
#include "data/streaming/streamed_data.h"
#include "templates/template.h"
#include "tokenizer/tokenizer.h"

namespace lf {

struct PreparedData {
  Dataset train;  // empty when no `dataset` is given, and while streaming
  /// Evaluation sets in order. One with the name "" (from val_size or eval_dataset), or with eval_on_each_dataset one
  /// per dataset under its name (metrics eval_<name>_loss).
  std::vector<std::pair<std::string, Dataset>> eval;
  /// Streaming: takes the place of both. Refers to the configuration, tokenizer and template given.
  std::shared_ptr<const StreamedData> streamed;

  std::vector<std::string> warnings;  // what the log said about the rows

  bool has_train() const { return streamed ? streamed->has_train() : !train.empty(); }
  uint64_t train_fingerprint() const { return streamed ? streamed->fingerprint() : train.fingerprint(); }
  /// First rows for people to see; empty when there is no such set.
  Dataset first_train_row() const;
  Dataset first_eval_row() const;
};

/// The stages of make_encoder (`config.finetuning.stage`). The tokenizer must have been through
/// Template::fix_tokenizer. Errors (kData) name the file, the row and what was needed: unknown dataset, malformed row,
/// missing column, nothing left after filtering, all labels masked. Dropped rows are counted and logged.
PreparedData prepare_datasets(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template,
                              const CacheOptions& cache = {});

/// Loaders with the options that the configuration gives. Evaluation reads in order. `data` and `config` must outlive
/// them.
std::unique_ptr<BatchSource> make_train_loader(const PreparedData& data, const RunConfig& config);
/// One for each evaluation set, by name.
std::vector<std::pair<std::string, std::unique_ptr<BatchSource>>> make_eval_loaders(const PreparedData& data,
                                                                                    const RunConfig& config);

}  // namespace lf
