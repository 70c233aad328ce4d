#include "data/prepare.h"

#include "base/error.h"
#include "data/cache/data_key.h"
#include "data/cache/prepared_cache.h"
#include "data/loader.h"
#include "data/prepare_options.h"
#include "data/prepare_rows.h"
#include "data/tokenized/tokenized_path.h"

namespace lf {
namespace {

Dataset first_row(const Dataset& dataset) {
  Dataset out;
  if (!dataset.empty()) out.append(dataset.row(0));
  return out;
}

}  // namespace

Dataset PreparedData::first_train_row() const {
  if (streamed) return streamed->has_train() ? streamed->first_train_row() : Dataset();
  return first_row(train);
}

Dataset PreparedData::first_eval_row() const {
  if (streamed) return streamed->eval().empty() ? Dataset() : streamed->first_eval_row();
  return eval.empty() ? Dataset() : first_row(eval.front().second);
}

PreparedData prepare_datasets(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template,
                              const CacheOptions& cache_options) {
  const DataOptions& options = config.data;
  LF_CHECK(kConfig, options.val_size <= 1e-6 || options.eval_dataset.empty(),
           "val_size and eval_dataset cannot be given together");
  if (options.tokenized_path && has_tokenized_data(*options.tokenized_path))
    return read_tokenized(*options.tokenized_path, config);
  if (options.streaming) {
    LF_CHECK(kConfig, !options.tokenized_path,
             "tokenized_path {}: turn off streaming to have prepared data saved there", *options.tokenized_path);
    PreparedData out;
    out.streamed = std::make_shared<const StreamedData>(config, tokenizer, chat_template);
    return out;
  }
  const auto prepare = [&] { return prepare_rows(config, tokenizer, chat_template); };
  const CacheFolder cache(cache_options);
  const auto key = cache.enabled() ? data_key(config, tokenizer, chat_template, cache.entry("hashes")) : std::nullopt;
  PreparedData out = key ? cached(cache, *key, options.overwrite_cache, prepare) : prepare();
  if (options.tokenized_path) write_tokenized(*options.tokenized_path, out, config);
  return out;
}

std::unique_ptr<BatchSource> make_train_loader(const PreparedData& data, const RunConfig& config) {
  if (data.streamed) return data.streamed->train_loader();
  SamplerOptions sampler;
  const bool in_order = config.finetuning.disable_shuffling || config.data.streaming;  // streaming: from tokenized_path
  sampler.strategy = in_order ? "sequential" : config.training.train_sampling_strategy;
  sampler.seed = config.training.data_seed.value_or(config.training.seed);
  sampler.batch_size = config.training.per_device_train_batch_size;
  sampler.drop_last = config.training.dataloader_drop_last;
  return std::make_unique<DataLoader>(data.train, std::move(sampler), collate_options(config));
}

std::vector<std::pair<std::string, std::unique_ptr<BatchSource>>> make_eval_loaders(const PreparedData& data,
                                                                                    const RunConfig& config) {
  std::vector<std::pair<std::string, std::unique_ptr<BatchSource>>> loaders;
  if (data.streamed) {
    for (size_t i = 0; i < data.streamed->eval().size(); ++i)
      loaders.emplace_back(data.streamed->eval()[i].first, data.streamed->eval_loader(i));
    return loaders;
  }
  for (const auto& [name, dataset] : data.eval) {
    SamplerOptions sampler;
    sampler.strategy = "sequential";
    sampler.batch_size = config.training.per_device_eval_batch_size;
    sampler.drop_last = config.training.dataloader_drop_last;
    loaders.emplace_back(name, std::make_unique<DataLoader>(dataset, std::move(sampler), collate_options(config)));
  }
  return loaders;
}

}  // namespace lf
