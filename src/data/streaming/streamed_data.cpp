#include "data/streaming/streamed_data.h"

#include <map>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "data/mixing.h"
#include "data/prepare_options.h"
#include "data/source/resolve.h"
#include "io/content_hash.h"

namespace lf {
namespace {

/// Sources are resolved (and hub datasets downloaded) once; tables are opened once.
struct OpenSources {
  std::map<std::string, SourceSpec> specs;
  std::map<std::string, std::shared_ptr<const RowTable>> tables;
};

}  // namespace

OpenRows open_rows(int64_t workers) {
  const auto sources = std::make_shared<OpenSources>();
  return [sources, workers](const DatasetAttr& attr, int64_t worker) -> std::unique_ptr<SourceRows> {
    if (!sources->specs.contains(attr.name)) sources->specs[attr.name] = resolve_source(attr);
    const SourceSpec& spec = sources->specs[attr.name];
    if (workers == 1) return std::make_unique<StreamRows>(open_stream(spec));
    std::shared_ptr<const RowTable>& table = sources->tables[attr.name];
    if (!table) table = open_table(spec);
    const auto rows = static_cast<int64_t>(table->size());
    LF_CHECK(kData, rows >= workers, "dataset {}: {} rows cannot be shared out among {} workers", attr.name, rows,
             workers);
    const int64_t first = rows / workers * worker + std::min(worker, rows % workers);
    return std::make_unique<TableRows>(table, first, first + rows / workers + (worker < rows % workers ? 1 : 0));
  };
}

StreamedData::StreamedData(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template)
    : config_(config),
      encoder_(stage_encoder(config, false, tokenizer, chat_template)),
      eval_encoder_(stage_encoder(config, true, tokenizer, chat_template)) {
  const DataOptions& options = config.data;
  if (!options.dataset.empty()) {
    StreamSpec all = spec_of(options.dataset);
    all.buffer_size = options.buffer_size;
    if (options.val_size > 1e-6) {
      StreamSpec part = all;
      part.take = all.skip = static_cast<int64_t>(options.val_size);
      eval_.emplace_back("", std::move(part));
    }
    train_ = std::move(all);
  }
  if (options.eval_on_each_dataset) {
    for (const std::string& name : options.eval_dataset) eval_.emplace_back(name, spec_of({name}));
  } else if (!options.eval_dataset.empty()) {
    eval_.emplace_back("", spec_of(options.eval_dataset));
    eval_.back().second.buffer_size = options.buffer_size;
  }
  if (options.mix_strategy == "concat" && options.dataset.size() > 1)
    log_warn("data", "The samples between different datasets will not be mixed in streaming mode.");
}

StreamSpec StreamedData::spec_of(const std::vector<std::string>& names) const {
  StreamSpec spec;
  spec.datasets = find_datasets(config_, names);
  spec.mix_strategy = config_.data.mix_strategy;
  spec.probabilities = config_.data.interleave_probs;
  spec.seed = static_cast<uint64_t>(config_.training.seed);
  spec.workers = std::max<int64_t>(config_.training.dataloader_num_workers, 1);
  spec.bad_rows = bad_row_policy(config_);
  return spec;
}

Dataset StreamedData::first_row(const StreamSpec& spec, const Encoder& encoder) const {
  BadRows bad_rows(spec.bad_rows);
  std::vector<std::string> names;
  for (const DatasetAttr& attr : spec.datasets) names.push_back(attr.name);
  RowEncoder rows(encoder, names, bad_rows, preparing_threads(config_));
  ExampleStream stream(std::make_unique<RowPipeline>(spec, open_rows(spec.workers), 0, 0, bad_rows), rows,
                       config_.data.preprocessing_batch_size);
  const std::optional<EncodedExample> example = stream.next();
  if (!example) throw_no_rows(config_, rows);
  Dataset out;
  out.append(*example);
  return out;
}

StreamLoaderOptions StreamedData::loader_options(int64_t batch_size) const {
  const int64_t ahead = std::max<int64_t>(config_.training.dataloader_num_workers, 1) *
                        config_.training.dataloader_prefetch_factor.value_or(2);
  return {.batch_size = batch_size,
          .drop_last = config_.training.dataloader_drop_last,
          .preprocessing_batch_size = config_.data.preprocessing_batch_size,
          .threads = preparing_threads(config_),
          .prefetch = static_cast<size_t>(std::max<int64_t>(ahead, 1)),
          .collate = collate_options(config_)};
}

std::unique_ptr<BatchSource> StreamedData::train_loader() const {
  return std::make_unique<StreamLoader>(*train_, open_rows(train_->workers), *encoder_,
                                        loader_options(config_.training.per_device_train_batch_size));
}

std::unique_ptr<BatchSource> StreamedData::eval_loader(size_t set) const {
  const StreamSpec& spec = eval_.at(set).second;
  return std::make_unique<StreamLoader>(spec, open_rows(spec.workers), *eval_encoder_,
                                        loader_options(config_.training.per_device_eval_batch_size));
}

uint64_t StreamedData::fingerprint() const {
  if (!train_) return 0;
  std::string text = fmt::format("{} {} {} {} {} {}", train_->mix_strategy, fmt::join(train_->probabilities, ","),
                                 *train_->buffer_size, train_->seed, train_->skip, train_->workers);
  for (const DatasetAttr& attr : train_->datasets)
    text += fmt::format("\n{} {} {}", attr.name, attr.path.string(), attr.address);
  text += fmt::format("\n{} {} {}", config_.data.preprocessing_batch_size, config_.data.cutoff_len,
                      config_.training.per_device_train_batch_size);
  return content_hash(text);
}

}  // namespace lf
