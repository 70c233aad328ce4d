// streaming: true - what a run reads instead of prepared datasets.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/run_config.h"
#include "data/streaming/stream_loader.h"

namespace lf {

class StreamedData {
 public:
  /// The streams that `config` names. Keeps references to its arguments. kData as prepare_datasets has it.
  StreamedData(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template);

  bool has_train() const { return train_.has_value(); }
  const std::vector<std::pair<std::string, StreamSpec>>& eval() const { return eval_; }
  /// The first row of the first epoch, as a dataset of one row for people to see. kData when there is none.
  Dataset first_train_row() const { return first_row(*train_, *encoder_); }
  Dataset first_eval_row() const { return first_row(eval_.front().second, *eval_encoder_); }

  std::unique_ptr<BatchSource> train_loader() const;
  std::unique_ptr<BatchSource> eval_loader(size_t set) const;
  /// Changes when another stream is read.
  uint64_t fingerprint() const;

 private:
  StreamSpec spec_of(const std::vector<std::string>& names) const;
  Dataset first_row(const StreamSpec& spec, const Encoder& encoder) const;
  StreamLoaderOptions loader_options(int64_t batch_size) const;

  const RunConfig& config_;
  std::unique_ptr<Encoder> encoder_, eval_encoder_;
  std::optional<StreamSpec> train_;
  std::vector<std::pair<std::string, StreamSpec>> eval_;
};

/// Rows of datasets for one worker, or ranges of their tables for several.
OpenRows open_rows(int64_t workers);

}  // namespace lf
