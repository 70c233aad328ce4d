#include "data/prepare.h"

#include <map>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/registry.h"
#include "data/dataset_info.h"
#include "data/encode/encoder.h"
#include "data/format.h"
#include "data/mixing.h"
#include "data/numpy_random.h"
#include "data/parallel.h"
#include "data/row_source.h"

namespace lf {
namespace {

/// One dataset on disk and the rows of it that are taken.
class LoadedDataset {
 public:
  LoadedDataset(DatasetAttr attr, std::optional<int64_t> max_samples, NumpyLegacyGenerator& random)
      : attr_(std::move(attr)),
        format_(require_entry(all_formats(), attr_.formatting, "dataset format")),
        source_(attr_.path) {
    LF_CHECK(kData, source_.size() > 0, "dataset {}: {} holds no rows", attr_.name, attr_.path.string());
    rows_.resize(source_.size());
    std::iota(rows_.begin(), rows_.end(), 0);
    if (attr_.num_samples) draw_samples(*attr_.num_samples, random);
    if (max_samples && *max_samples < size()) rows_.resize(std::max<int64_t>(*max_samples, 0));
    check_columns();
  }

  const std::string& name() const { return attr_.name; }
  int64_t size() const { return static_cast<int64_t>(rows_.size()); }
  std::string where(int64_t row) const { return describe(source_.place(rows_[row])); }

  Conversation conversation(int64_t row) const {
    const Json json = source_.row(rows_[row]);
    try {
      return format_.convert(json, attr_);
    } catch (const Error& error) {
      throw_error(error.kind(), "{} (dataset {}): {}", where(row), attr_.name, error.what());
    }
  }

 private:
  void draw_samples(int64_t wanted, NumpyLegacyGenerator& random) {
    const int64_t all = size();
    std::vector<int64_t> drawn = random.permutation(all);
    if (wanted < all) drawn.resize(wanted);
    if (wanted > all) {
      const std::vector<int64_t> more = random.choice(all, wanted - all);
      drawn.insert(drawn.end(), more.begin(), more.end());
    }
    rows_ = std::move(drawn);
    log_info("data", "Sampled {} examples from dataset {}.", wanted, attr_.name);
  }

  /// A column that stands in no row at all is a mistake in dataset_info.json; missing here and there it counts as null.
  void check_columns() const {
    for (const std::string& column : format_.required_columns(attr_)) {
      size_t row = 0;
      while (row < source_.size() && !source_.row(row).contains(column)) ++row;
      if (row < source_.size()) continue;
      std::vector<std::string> present;
      const Json first = source_.row(0);
      for (const auto& [name, value] : first.items()) present.push_back(printable(name, 60));
      throw_error(ErrorKind::kData,
                  "{} (dataset {}): column '{}' is in no row{}; the columns are {}. Name the right ones under "
                  "\"columns\" in dataset_info.json",
                  describe(source_.place(0)), attr_.name, printable(column), did_you_mean(column, present),
                  join(present, ", "));
    }
  }

  DatasetAttr attr_;
  const FormatEntry& format_;
  RowSource source_;
  std::vector<int64_t> rows_;
};

/// Rows of one or several datasets in the order in which they are encoded.
struct MergedRows {
  std::vector<std::shared_ptr<LoadedDataset>> datasets;
  std::vector<std::pair<uint32_t, int64_t>> rows;  // dataset, row

  MergedRows picked(const std::vector<int64_t>& which) const {
    MergedRows out{datasets, {}};
    out.rows.reserve(which.size());
    for (const int64_t row : which) out.rows.push_back(rows[row]);
    return out;
  }
  int64_t size() const { return static_cast<int64_t>(rows.size()); }
  std::string names() const {
    std::vector<std::string> all;
    for (const auto& dataset : datasets) all.push_back(dataset->name());
    return join(all, ", ");
  }
};

/// Rows left out, by reason, with the first place of each.
class DroppedRows {
 public:
  void add(const std::string& reason, const std::string& place) {
    Tally& tally = tallies_[reason.substr(0, reason.find(" in ["))];
    if (tally.count++ == 0) tally.first = place + (reason.find(" in [") == std::string::npos ? "" : ": " + reason);
    ++count_;
  }
  int64_t count() const { return count_; }
  std::string text() const {
    std::vector<std::string> lines;
    for (const auto& [reason, tally] : tallies_)
      lines.push_back(fmt::format("{} x {} (first: {})", tally.count, reason, tally.first));
    return join(lines, "; ");
  }

 private:
  struct Tally {
    int64_t count = 0;
    std::string first;
  };
  std::map<std::string, Tally> tallies_;
  int64_t count_ = 0;
};

class Preparer {
 public:
  Preparer(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template)
      : config_(config),
        options_(config.data),
        stage_(config.finetuning.stage),
        random_(static_cast<uint32_t>(config.training.seed)) {
    LF_CHECK(
        kUnsupported, stage_ != "sft" || options_.ignore_pad_token_for_loss,
        "ignore_pad_token_for_loss: false is not available yet: batches hold no padding to learn from; leave it true");
    encoder_ = make_encoder(stage_, false, options_, tokenizer, chat_template);
  }

  PreparedData run() {
    LF_CHECK(kConfig, options_.val_size <= 1e-6 || options_.eval_dataset.empty(),
             "val_size and eval_dataset cannot be given together");
    PreparedData out;
    std::optional<DatasetInfo> info;
    if (!options_.dataset.empty() || !options_.eval_dataset.empty()) {
      info = DatasetInfo::find(options_.dataset_dir, config_.config_file);
    }
    const auto train = load_all(info, options_.dataset);
    const auto eval = load_all(info, options_.eval_dataset);
    if (!train.empty()) prepare_train(merge(train), out);
    if (options_.eval_on_each_dataset) {
      for (const auto& dataset : eval) out.eval.emplace_back(dataset->name(), encode(merge({dataset})));
    } else if (!eval.empty()) {
      out.eval.emplace_back("", encode(merge(eval)));
    }
    return out;
  }

 private:
  using Loaded = std::vector<std::shared_ptr<LoadedDataset>>;

  Loaded load_all(const std::optional<DatasetInfo>& info, const std::vector<std::string>& names) {
    Loaded datasets;
    for (const std::string& name : names) {
      DatasetAttr attr = info->entry(name);
      check_ranking(name, attr.ranking, stage_);
      log_info("data", "Loading dataset {}...", attr.path.filename().string());
      datasets.push_back(std::make_shared<LoadedDataset>(std::move(attr), options_.max_samples, random_));
    }
    return datasets;
  }

  MergedRows merge(const Loaded& datasets) const {
    MergedRows all{datasets, {}};
    std::vector<int64_t> lengths;
    for (uint32_t i = 0; i < datasets.size(); ++i) {
      lengths.push_back(datasets[i]->size());
      for (int64_t row = 0; row < datasets[i]->size(); ++row) all.rows.emplace_back(i, row);
    }
    return all.picked(mix_rows(lengths, options_.mix_strategy, options_.interleave_probs, config_.training.seed));
  }

  void prepare_train(const MergedRows& rows, PreparedData& out) const {
    if (options_.val_size <= 1e-6) {
      out.train = encode(rows);
      return;
    }
    const Split split = split_rows(rows.size(), options_.val_size, config_.training.seed);
    out.train = encode(rows.picked(split.train));
    out.eval.emplace_back("", encode(rows.picked(split.validation)));
  }

  Dataset encode(const MergedRows& rows) const {
    Dataset out;
    DroppedRows dropped, notes;
    const auto batches = preprocessing_batches(rows.size(), options_.preprocessing_batch_size,
                                               options_.preprocessing_num_workers.value_or(1));
    const size_t window = 4 * worker_threads();
    for (size_t first = 0; first < batches.size(); first += window) {
      const size_t last = std::min(first + window, batches.size());
      encode_batches(rows, {batches.begin() + first, batches.begin() + last}, out, dropped, notes);
    }
    out = encoder_->complete(std::move(out), rows.names());
    report(rows, out, dropped, notes);
    return out;
  }

  struct Encoded {
    EncodedRow row;
    std::string note;
  };

  /// Encodes consecutive batches on all threads, then packs and appends them in order.
  void encode_batches(const MergedRows& rows, const std::vector<std::pair<int64_t, int64_t>>& batches, Dataset& out,
                      DroppedRows& dropped, DroppedRows& notes) const {
    const int64_t base = batches.front().first;
    std::vector<Conversation> conversations(batches.back().second - base);
    parallel_for(conversations.size(), worker_threads(), [&](size_t i) {
      const auto [dataset, row] = rows.rows[base + i];
      conversations[i] = rows.datasets[dataset]->conversation(row);
    });
    std::vector<std::pair<int64_t, int64_t>> batch_of(conversations.size());
    for (const auto& batch : batches) {
      std::fill(batch_of.begin() + (batch.first - base), batch_of.begin() + (batch.second - base), batch);
    }
    std::vector<Encoded> encoded(conversations.size());
    parallel_for(encoded.size(), worker_threads(), [&](size_t i) {
      const auto [dataset, row] = rows.rows[base + i];
      const LoadedDataset& source = *rows.datasets[dataset];
      const int64_t first = batch_of[i].first - base;
      const std::span batch(conversations.data() + first, batch_of[i].second - batch_of[i].first);
      try {
        encoded[i] = {encoder_->encode(batch, i - first), conversations[i].note};
      } catch (const Error& error) {
        throw_error(error.kind(), "{} (dataset {}): {}", source.where(row), source.name(), error.what());
      }
    });
    for (const auto& [first, last] : batches) {
      std::vector<EncodedExample> kept;
      for (int64_t i = first; i < last; ++i) {
        Encoded& one = encoded[i - base];
        const auto [dataset, row] = rows.rows[i];
        if (!one.note.empty()) notes.add(one.note, rows.datasets[dataset]->where(row));
        if (one.row.dropped.empty())
          kept.push_back(std::move(one.row.example));
        else
          dropped.add(one.row.dropped, rows.datasets[dataset]->where(row));
      }
      for (const EncodedExample& row : encoder_->finish(std::move(kept))) out.append(row);
    }
  }

  void report(const MergedRows& rows, const Dataset& out, const DroppedRows& dropped, const DroppedRows& notes) const {
    if (dropped.count() > 0)
      log_warn("data", "{}: {} of {} rows dropped: {}", rows.names(), dropped.count(), rows.size(), dropped.text());
    if (notes.count() > 0) log_warn("data", "{}: {}", rows.names(), notes.text());
    const std::string why = dropped.count() > 0
                                ? fmt::format(" All {} rows were dropped: {}", rows.size(), dropped.text())
                                : fmt::format(" {} rows were read.", rows.size());
    if (stage_ == "pt") {
      LF_CHECK(kData, !out.empty(),
               "Cannot find sufficient samples, consider increasing dataset size.{} (dataset {}, cutoff_len {})", why,
               rows.names(), options_.cutoff_len);
    }
    LF_CHECK(kData, !out.empty(), "Cannot find valid samples, check the data format.{} (dataset {})", why,
             rows.names());
    if (out.kind() == ExampleKind::kUnsupervised) return;  // loss comes from what the model answers
    LF_CHECK(kData, out.target_tokens() > 0,
             "dataset {}: no token of its {} rows bears loss, so nothing can be learned; are the responses empty, or "
             "is cutoff_len {} "
             "so short that they are cut off?",
             rows.names(), out.size(), options_.cutoff_len);
    if (out.masked_rows() > 0) {
      log_warn("data", "{}: no token bears loss in {} of {} rows (cutoff_len {})", rows.names(), out.masked_rows(),
               out.size(), options_.cutoff_len);
    }
  }

  const RunConfig& config_;
  const DataOptions& options_;
  std::string stage_;
  NumpyLegacyGenerator random_;
  std::unique_ptr<Encoder> encoder_;
};

}  // namespace

PreparedData prepare_datasets(const RunConfig& config, const Tokenizer& tokenizer, const Template& chat_template) {
  return Preparer(config, tokenizer, chat_template).run();
}

DataLoader make_train_loader(const PreparedData& data, const RunConfig& config) {
  SamplerOptions sampler;
  sampler.strategy = config.finetuning.disable_shuffling ? "sequential" : config.training.train_sampling_strategy;
  sampler.seed = config.training.data_seed.value_or(config.training.seed);
  sampler.batch_size = config.training.per_device_train_batch_size;
  sampler.drop_last = config.training.dataloader_drop_last;
  return DataLoader(data.train, std::move(sampler),
                    {padding_multiple(config.finetuning.stage, config.training.do_train)});
}

DataLoader make_eval_loader(const Dataset& dataset, const RunConfig& config) {
  SamplerOptions sampler;
  sampler.strategy = "sequential";
  sampler.batch_size = config.training.per_device_eval_batch_size;
  sampler.drop_last = config.training.dataloader_drop_last;
  return DataLoader(dataset, std::move(sampler), {padding_multiple(config.finetuning.stage, config.training.do_train)});
}

}  // namespace lf
